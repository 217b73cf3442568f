import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import { HansardError } from '../../events/errors.ts'
import { PathRefused, PluginMisbehaved, PluginRefused, UnreadableFile } from '../../plugins/errors.ts'
import { openPlugins, type PluginChoice } from '../../plugins/loader.ts'

let root: string
let folder: string

const write = async (path: string, text: string): Promise<void> => {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** A scorer plugin’s module; `change` is code that runs on it before it is exported. */
const moduleOf = (name: string, change = '') => `
  const plugin = {
    manifest: { name: '${name}', version: '1.2.3', api: 1, provides: ['scorer'] },
    options: { safeParseAsync: async (data) => ({ success: true, data }), safeParse: (data) => ({ success: true, data }) },
    open: async (port, options) => ({
      scorer: {
        by: { plugin: '${name}', behaviour: '${sha256Hex(name)}' },
        name: '${name}',
        determinism: 'exact',
        questions: [],
        simulatesRaters: false,
        async *score(requests) {
          for (const [index, { answer }] of requests.entries()) yield { index, answer: { scores: { length: answer.length } } }
        },
        async *classify() {},
        async *compare() {},
      },
    }),
  }
  ${change}
  export default plugin
`

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hansard-loader-'))
  folder = join(root, 'run')
  await mkdir(folder)
  await write('good.mjs', moduleOf('good'))
  await write('typed.ts', moduleOf('typed', 'const port: string = "typed"; void port'))
  await write(
    'folder/package.json',
    JSON.stringify({ type: 'module', exports: { '.': { types: './x.d.ts', import: './main.js' } } }),
  )
  await write('folder/main.js', moduleOf('folder'))
  await write('empty/package.json', '{}')
  await write('leading-out/package.json', JSON.stringify({ main: '../good.mjs' }))
  await write(
    'node_modules/hansard-plugin-fine/package.json',
    JSON.stringify({ name: 'hansard-plugin-fine', type: 'module', main: 'index.js' }),
  )
  await write('node_modules/hansard-plugin-fine/index.js', moduleOf('hansard-plugin-fine'))
  await write(
    'node_modules/@scope/plugin/package.json',
    JSON.stringify({ name: '@scope/plugin', type: 'module', exports: './index.js' }),
  )
  await write('node_modules/@scope/plugin/index.js', moduleOf('@scope/plugin'))
  await write(
    'newer.mjs',
    moduleOf('newer', 'plugin.manifest.api = 2; plugin.manifest.provides = ["ghosts"]'),
  )
  await write('older.mjs', moduleOf('older', 'plugin.manifest.api = 0'))
  await write('nothing.mjs', 'export const plugin = 1')
  await write('no-manifest.mjs', 'export default { open() {} }')
  await write('bad-name.mjs', moduleOf('bad', 'plugin.manifest.name = "bad\\u001b[2J"'))
  await write('no-options.mjs', moduleOf('no-options', 'delete plugin.options'))
  await write('files.mjs', moduleOf('files'))
  await write('again.mjs', moduleOf('good'))
  await write('needs-peer.mjs', `import 'a-package-that-is-not-there'\n${moduleOf('needs-peer')}`)
  await write(
    'needs-peer-late.mjs',
    moduleOf('late', 'plugin.open = async () => { await import("another-that-is-not-there") }'),
  )
  await write('broken.mjs', 'export default {')
  await write('throws.mjs', 'throw new Error("at load")')
  await write('opens-nothing.mjs', moduleOf('opens-nothing', 'plugin.open = async () => ({})'))
  await write(
    'fails-to-open.mjs',
    moduleOf('fails', 'plugin.open = async () => { throw new Error("no licence") }'),
  )
  await write('hangs.mjs', moduleOf('hangs', 'plugin.open = () => new Promise(() => {})'))
  await write('no-scorer.mjs', moduleOf('no-scorer', 'plugin.open = async () => ({ scorer: { name: 1 } })'))
  await write(
    'sloppy.mjs',
    moduleOf(
      'sloppy',
      'const { open } = plugin; plugin.open = async (...given) => { const { scorer } = await open(...given); scorer.score = async function* () {}; return { scorer } }',
    ),
  )
  await write(
    'impostor.mjs',
    moduleOf('impostor').replace("by: { plugin: 'impostor'", "by: { plugin: 'pocket'"),
  )
  await write(
    'talks.mjs',
    moduleOf(
      'talks',
      'const { open } = plugin; plugin.open = (port, options, host) => { host.notice("a\\u001b]52;c;eA==\\u0007b"); return open(port, options) }',
    ),
  )
  await writeFile(join(root, 'outside.mjs'), moduleOf('outside'))
  await symlink(join(root, 'outside.mjs'), join(folder, 'link.mjs'))
})
afterAll(() => rm(root, { recursive: true }))

const pluginsOf = (patience?: Parameters<typeof openPlugins>[1]) =>
  openPlugins({ workers: 1, folder, notice: () => {} }, patience)

const refusal = async (choice: PluginChoice): Promise<HansardError> => {
  try {
    await pluginsOf().scorer(choice)
  } catch (error) {
    if (error instanceof HansardError) return error
    throw error
  }
  throw new Error(`${choice.plugin} was not refused`)
}

const never = new AbortController().signal

describe('a plugin is found', () => {
  test.each([
    ['./good.mjs', 'good'],
    ['./typed.ts', 'typed'],
    ['./folder', 'folder'],
    ['hansard-plugin-fine', 'hansard-plugin-fine'],
    ['@scope/plugin', '@scope/plugin'],
  ])('at %s', async (plugin, name) => {
    const scorer = await pluginsOf().scorer({ plugin })
    expect(scorer.name).toBe(name)
    const answers = []
    for await (const answer of scorer.score([{ dialogue: [], answer: 'four' }], never)) answers.push(answer)
    expect(answers).toEqual([{ index: 0, answer: { scores: { length: 4 } } }])
  })

  test('by the name of a built-in one, whose options are checked with their path', async () => {
    const plugins = pluginsOf()
    const source = await plugins.prompts({
      plugin: 'files',
      options: { file: 'good.mjs', format: 'text', limit: 1 },
    })
    expect(source.format).toBe('text')
    const refused = plugins.prompts({ plugin: 'files', options: { file: 'x', format: 'csv', limit: 0 } })
    await expect(refused).rejects.toThrow(/plugin “files”: options.format: .*; options.limit: /)
  })
})

describe('a plugin is refused, in words that say how to go on, when it', () => {
  test.each<[string, string, RegExp, RegExp]>([
    ['was made for a newer version', './newer.mjs', /made for version 2 .* has version 1/, /update hansard/],
    ['was made for an older version', './older.mjs', /made for version 0/, /newer version of the plugin/],
    [
      'exports nothing',
      './nothing.mjs',
      /its default export is no plugin: there is none/,
      /export \{ manifest/,
    ],
    ['has no manifest', './no-manifest.mjs', /no plugin: manifest/, /export/],
    ['has a name that drives terminals', './bad-name.mjs', /manifest.name: it holds control/, /export/],
    ['has no schema of options', './no-options.mjs', /options: it is no zod schema/, /export/],
    [
      'takes the name of a built-in one',
      './files.mjs',
      /calls itself “files”, as does a plugin of hansard’s own/,
      /rename/,
    ],
    [
      'needs a package that is missing',
      './needs-peer.mjs',
      /needs the package a-package-that-is-not-there/,
      /npm install a-package-that-is-not-there/,
    ],
    [
      'misses a package when it opens',
      './needs-peer-late.mjs',
      /needs the package another-that-is-not-there/,
      /npm install another/,
    ],
    ['is no JavaScript', './broken.mjs', /cannot be loaded/, /documentation/],
    ['throws when it is loaded', './throws.mjs', /cannot be loaded: at load/, /documentation/],
    ['opens nothing', './opens-nothing.mjs', /says that it provides a scorer, but it opens none/, /author/],
    ['fails to open', './fails-to-open.mjs', /its scorer cannot be opened: no licence/, /documentation/],
    [
      'is not installed',
      'hansard-plugin-nowhere',
      /no such package is installed/,
      /npm install hansard-plugin-nowhere/,
    ],
    ['is no name', 'Not A Name', /neither a package name nor a path/, /begins with \.\//],
    ['is a folder without a module', './empty', /its folder has no index.js/, /build the plugin/],
  ])('%s', async (_, plugin, message, mend) => {
    const error = await refusal({ plugin })
    expect(error).toBeInstanceOf(PluginRefused)
    expect(error.exit).toBe(2)
    expect(error.message).toMatch(message)
    expect(error.mend).toMatch(mend)
    expect(error.message).not.toMatch(/\p{Cc}/u)
  })

  test('provides something else than what is asked for', async () => {
    await expect(pluginsOf().model({ plugin: './good.mjs' })).rejects.toThrow(/provides scorer, and no model/)
  })

  test('takes the name of another one in the same run', async () => {
    const plugins = pluginsOf()
    await plugins.scorer({ plugin: './good.mjs' })
    await expect(plugins.scorer({ plugin: './again.mjs' })).rejects.toThrow(
      /calls itself “good”, as does \.\/good\.mjs/,
    )
  })

  test('is not described as the port says, or hangs while it opens', async () => {
    await expect(pluginsOf().scorer({ plugin: './no-scorer.mjs' })).rejects.toBeInstanceOf(PluginMisbehaved)
    const impatient = pluginsOf({ openMs: 50, answerMs: 50, stepMs: 50, rowMs: 50 })
    await expect(impatient.scorer({ plugin: './hangs.mjs' })).rejects.toThrow(/open gave nothing/)
  })

  test('answers in another plugin’s name', async () => {
    await expect(pluginsOf().scorer({ plugin: './impostor.mjs' })).rejects.toThrow(
      /plugin “impostor” misbehaved: .*answers stand under the plugin’s own name, impostor/,
    )
  })

  test('answers nothing', async () => {
    const scorer = await pluginsOf().scorer({ plugin: './sloppy.mjs' })
    const asking = async () => {
      for await (const answer of scorer.score([{ dialogue: [], answer: '' }], never)) return answer
      return undefined
    }
    await expect(asking()).rejects.toThrow(
      /plugin “sloppy” misbehaved: score: it ended with 1 of 1 requests unanswered/,
    )
  })
})

describe('a path never leads out of the run file’s folder', () => {
  test.each([
    '../outside.mjs',
    './../outside.mjs',
    '/etc/passwd',
    './link.mjs',
    'C:\\plugin.js',
    '..\\outside.mjs',
    './good.mjs\0',
    './leading-out',
  ])('%j', async (plugin) => {
    expect(await refusal({ plugin })).toBeInstanceOf(PathRefused)
  })

  test('one that is not there is said to be', async () => {
    expect(await refusal({ plugin: './missing.mjs' })).toBeInstanceOf(UnreadableFile)
  })

  test.each(['node:fs', 'fs', 'constructor', '__proto__', 'toString'])('%s is no plugin', async (plugin) => {
    expect(await refusal({ plugin })).toBeInstanceOf(PluginRefused)
  })
})

test('a line that a plugin says to people cannot drive their terminal', async () => {
  const lines: string[] = []
  const plugins = openPlugins({ workers: 1, folder, notice: (line) => lines.push(line) })
  await plugins.scorer({ plugin: './talks.mjs' })
  expect(lines).toEqual(['a\\u{1b}]52;c;eA==\\u{7}b'])
})
