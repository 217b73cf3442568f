import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { canonicalDigest } from '../../events/canonical.ts'
import type { Json } from '../../events/event.ts'

/** Outputs by the behaviour digest under which they were seen. */
type GoldenFile = Record<string, Record<string, string>>

/**
 * Compares outputs with those that were recorded under the same behaviour digest. Other outputs under the same digest
 * mean that the plugin changed and its behaviour number was not raised: memos would go on serving the old ones.
 *
 * The file is written where the environment has HANSARD_UPDATE_GOLDEN=1.
 *
 * @param file path of a JSON file that is kept with the plugin’s tests
 * @param outputs by name; only their digests are kept
 * @param mayBeMissing whether a digest without recorded outputs is passed over
 */
export async function assertGolden(
  file: string,
  behaviour: string,
  outputs: Readonly<Record<string, Json>>,
  mayBeMissing = false,
): Promise<void> {
  const digests = Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [name, canonicalDigest(output)]),
  )
  const recorded = await read(file)
  const known = recorded[behaviour]
  if (process.env['HANSARD_UPDATE_GOLDEN'] === '1') {
    assert.ok(
      known === undefined || sameDigests(known, digests),
      `outputs changed under the same behaviour digest ${behaviour}: raise the plugin’s behaviour number first`,
    )
    await writeFile(file, `${JSON.stringify({ ...recorded, [behaviour]: digests }, null, 2)}\n`)
    return
  }
  if (known === undefined && mayBeMissing) return
  assert.ok(
    known !== undefined,
    `there are no golden outputs for the behaviour digest ${behaviour}; look at the outputs, then record them with HANSARD_UPDATE_GOLDEN=1`,
  )
  for (const [name, digest] of Object.entries(digests)) {
    assert.equal(digest, known[name], `${name}: the output changed, and the behaviour number was not raised`)
  }
}

const sameDigests = (a: Record<string, string>, b: Record<string, string>): boolean =>
  Object.keys({ ...a, ...b }).every((name) => a[name] === b[name])

const read = async (file: string): Promise<GoldenFile> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as GoldenFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
