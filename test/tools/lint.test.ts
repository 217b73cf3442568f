import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** Where code with a fault is planted, and the rule that must find it; none where the code is right. */
interface Plant {
  readonly file: string
  readonly code: string
  readonly rule?: string
}

const arithmetic = 'hansard(exact-arithmetic)'
const clock = 'eslint(no-restricted-globals)'
const layer = 'eslint(no-restricted-imports)'
const hashedFolders = ['events', 'core/stages', 'plugins/models/pocket/training', 'lineage/attribution']

const plants: readonly Plant[] = [
  ...hashedFolders.flatMap((folder): readonly Plant[] => [
    { file: `${folder}/logarithm.ts`, code: 'export const x = Math.log(2)', rule: arithmetic },
    { file: `${folder}/power.ts`, code: 'export const x = (a: number) => a ** 0.5', rule: arithmetic },
    { file: `${folder}/clock.ts`, code: 'export const x = Date.now()', rule: clock },
  ]),
  ...'exp expm1 log2 log10 log1p pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot random'
    .split(' ')
    .map((name) => ({
      file: `events/math-${name}.ts`,
      code: `export const x = Math.${name}`,
      rule: arithmetic,
    })),
  { file: 'events/power-assigned.ts', code: 'export let x = 2\nx **= 3', rule: arithmetic },
  { file: 'events/computed.ts', code: "export const x = Math['exp'](1)", rule: arithmetic },
  { file: 'events/looked-up.ts', code: 'export const x = (k: "exp") => Math[k](1)', rule: arithmetic },
  { file: 'events/taken-apart.ts', code: 'export const { exp } = Math', rule: arithmetic },
  { file: 'events/renamed.ts', code: 'const M = Math\nexport const x = M.exp(1)', rule: arithmetic },
  { file: 'events/global.ts', code: 'export const x = globalThis.Math.exp(1)', rule: arithmetic },
  { file: 'events/new-date.ts', code: 'export const x = new Date()', rule: clock },
  {
    file: 'events/right.ts',
    code: 'export const x = Math.sqrt(Math.abs(Math.LN2)) + Math.floor(2 * 3 - 4 / 5)',
  },
  { file: 'core/metadata.ts', code: 'export const x = Date.now() + Math.log(2)' },
  { file: 'lineage/figures.ts', code: 'export const x = 2 ** 0.5' },

  { file: 'core/core-part.ts', code: 'export const x = 1' },
  { file: 'plugins/api.ts', code: 'export const x = 1' },
  { file: 'tui/page.ts', code: 'export const x = 1' },
  { file: 'lineage/graph.ts', code: 'export const x = 1' },
  { file: 'events/to-core.ts', code: "export { x } from '../core/core-part.ts'", rule: layer },
  { file: 'events/deep/to-plugins.ts', code: "export { x } from '../../plugins/api.ts'", rule: layer },
  { file: 'events/type-to-lineage.ts', code: "export type { x } from '../lineage/graph.ts'", rule: layer },
  { file: 'events/later-to-tui.ts', code: "export const x = () => import('../tui/page.ts')", rule: layer },
  { file: 'plugins/to-core.ts', code: "export { x } from '../core/core-part.ts'", rule: layer },
  { file: 'plugins/models/to-lineage.ts', code: "export { x } from '../../lineage/graph.ts'", rule: layer },
  { file: 'plugins/to-tui.ts', code: "export { x } from '../tui/page.ts'", rule: layer },
  { file: 'plugins/to-events.ts', code: "export { x } from '../events/right.ts'" },
  { file: 'lineage/to-core.ts', code: "export { x } from '../core/core-part.ts'", rule: layer },
  { file: 'lineage/to-tui.ts', code: "export { x } from '../tui/page.ts'", rule: layer },
  { file: 'lineage/to-plugins.ts', code: "export { x } from '../plugins/to-events.ts'", rule: layer },
  { file: 'lineage/to-api.ts', code: "export { x } from '../plugins/api.ts'" },
  { file: 'tui/to-core.ts', code: "export { x } from '../core/core-part.ts'", rule: layer },
  { file: 'tui/to-plugins.ts', code: "export { x } from '../plugins/to-events.ts'", rule: layer },
  { file: 'tui/to-lineage.ts', code: "export { x } from '../lineage/graph.ts'" },
  {
    file: 'core/to-all.ts',
    code: "export { x } from '../tui/page.ts'\nexport { x as y } from '../lineage/graph.ts'",
  },

  {
    file: 'core/one.ts',
    code: "import { b } from './two.ts'\nexport const a = (): number => b()",
    rule: 'import(no-cycle)',
  },
  {
    file: 'core/two.ts',
    code: "import { a } from './one.ts'\nexport const b = (): number => a()",
    rule: 'import(no-cycle)',
  },
  {
    file: 'core/floating.ts',
    code: 'const later = async (): Promise<void> => {}\nexport const x = (): void => { later() }',
    rule: 'typescript(no-floating-promises)',
  },
  {
    file: 'core/misused.ts',
    code: 'export const x = (all: number[]): void => { all.forEach(async (one) => { await Promise.resolve(one) }) }',
    rule: 'typescript(no-misused-promises)',
  },
  {
    file: 'core/open-switch.ts',
    code: "export const x = (of: 'a' | 'b'): number => { switch (of) { case 'a': return 1 }\n return 2 }",
    rule: 'typescript(switch-exhaustiveness-check)',
  },
]

describe('the linter', () => {
  let folder = ''
  const found = new Map<string, string[]>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hansard-lint-'))
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'tools/lint'])
      await cp(join(root, name), join(folder, name), { recursive: true })
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const { file, code } of plants) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), `${code}\n`)
    }
    const oxlint = join(root, 'node_modules', '.bin', 'oxlint')
    const folders = ['core', 'events', 'lineage', 'plugins', 'tui']
    const { stdout } = await promisify(execFile)(oxlint, ['--type-aware', '-f', 'json', ...folders], {
      cwd: folder,
      maxBuffer: 64_000_000,
    }).catch((error: unknown) => error as { stdout: string })
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }
    for (const { filename, code } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), code])
  })

  afterAll(async () => rm(folder, { recursive: true, force: true }))

  it.each(plants.filter(({ rule }) => rule !== undefined))('finds $rule in $file', ({ file, rule }) => {
    expect(found.get(file)).toEqual([rule])
  })

  it.each(plants.filter(({ rule }) => rule === undefined))('finds nothing in $file', ({ file }) => {
    expect(found.get(file)).toBeUndefined()
  })
})
