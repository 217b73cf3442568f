import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportKinds, exportRun } from '../../lineage/export.ts'
import { project } from '../../lineage/projector.ts'
import { fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

/** A Python that has pyarrow: the one that HANSARD_PYTHON names, or the machine's own. */
const python = [process.env['HANSARD_PYTHON'], 'python3'].find(
  (program) => program !== undefined && spawnSync(program, ['-c', 'import pyarrow']).status === 0,
)

const script = `
import json, sys
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
print(json.dumps({"schema": {f.name: str(f.type) for f in table.schema}, "rows": table.to_pylist(),
  "meta": {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}}))
`

interface Read {
  readonly schema: Readonly<Record<string, string>>
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly meta: Readonly<Record<string, string>>
}

describe.skipIf(python === undefined)('pyarrow (skipped where no Python has it) reads an export', () => {
  const held = useHome()
  const fixture = fixtureRun({ pairs: 200, redTeam: 40, steps: 10 })
  let folder: string
  const turns = expect.stringMatching(/^list<\w+: struct<role: string not null, content: string not null>/)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hansard-pyarrow-'))
    await fixture.recorder.appendTo(held.home)
    await project(held.home)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const read = (file: string): Read => {
    const { stdout, stderr, status } = spawnSync(python!, ['-c', script, file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout) as Read
  }

  it.each(exportKinds)('of %s with every row and its types', async (what) => {
    const file = join(folder, `${what}.parquet`)
    const { rows } = await exportRun(held.home, { run: fixture.run, what, file })
    const back = read(file)
    expect(back.rows).toHaveLength(rows)
    expect(rows).toBeGreaterThan(20)
    expect(back.meta).toMatchObject({ 'hansard.run': fixture.run })
    const expected = {
      preferences: { prompt: turns, chosen: turns, rejected: turns, label_probability: 'double' },
      sft: { messages: turns, kind: 'string', round: 'int32' },
      rollouts: { prompt: turns, completion: turns, reward: 'double', advantage: 'double', step: 'int32' },
    }[what]
    expect(back.schema).toMatchObject(expected)
    const [first] = back.rows
    const dialogue = first![what === 'sft' ? 'messages' : 'prompt']
    expect(dialogue).toMatchObject([
      { role: 'user', content: expect.any(String) },
      ...(what === 'sft' ? [{}] : []),
    ])
  })
})
