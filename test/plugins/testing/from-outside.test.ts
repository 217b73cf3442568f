import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageFolder } from '../../../plugins/shipped.ts'

const run = promisify(execFile)
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hansard-example-'))
  if (!existsSync(join(packageFolder, 'dist', 'plugins', 'testing', 'index.js'))) {
    await run(process.execPath, [join(packageFolder, 'tools', 'build.mjs')])
  }
})
afterAll(() => rm(root, { recursive: true }))

/** The example as its author has it: a package of its own, with hansard among its node_modules. */
const installed = async (example: string): Promise<string> => {
  const folder = await mkdtemp(join(root, example))
  await cp(join(packageFolder, 'examples', example), folder, { recursive: true })
  await mkdir(join(folder, 'node_modules'))
  await symlink(packageFolder, join(folder, 'node_modules', 'hansard'), 'dir')
  await symlink(join(packageFolder, 'node_modules', 'zod'), join(folder, 'node_modules', 'zod'), 'dir')
  return folder
}

const tested = async (folder: string, environment = {}): Promise<{ passed: boolean; output: string }> => {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...rest } = process.env
  try {
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap'], {
      cwd: folder,
      env: { ...rest, ...environment },
    })
    return { passed: true, output: stdout }
  } catch (error) {
    return { passed: false, output: (error as { readonly stdout: string }).stdout }
  }
}

describe.each([
  ['plugin-markov', 'index.js'],
  ['plugin-manners', 'index.js'],
])('%s', (example, source) => {
  test('passes the suites from outside, with node:test alone', async () => {
    const { passed, output } = await tested(await installed(example))
    expect(output).not.toMatch(/^not ok/m)
    expect(passed).toBe(true)
    expect(output).toMatch(/^ok \d+ - .*golden outputs/m)
  })

  test('fails them when its outputs change and its behaviour number was not raised', async () => {
    const folder = await installed(example)
    const file = join(folder, source)
    const code = await readFile(file, 'utf8')
    await writeFile(file, changed(code))
    const { passed, output } = await tested(folder)
    expect(passed).toBe(false)
    expect(output).toMatch(/^not ok \d+ - .*golden outputs/m)
    expect(output).toMatch(/the behaviour number was not raised/)

    await writeFile(file, changed(code).replace('const behaviour = 1', 'const behaviour = 2'))
    expect((await tested(folder)).output).toMatch(/there are no golden outputs for the behaviour digest/)
    expect((await tested(folder, { HANSARD_UPDATE_GOLDEN: '1' })).passed).toBe(true)
    expect((await tested(folder)).passed).toBe(true)
  })
})

/** Another output, whichever example it is. */
const changed = (code: string): string =>
  code
    .replace('text: sentenceOf(whole)', 'text: sentenceOf(whole).toUpperCase()')
    .replace('gold: politeness - 2 * harm', 'gold: politeness - 3 * harm')
