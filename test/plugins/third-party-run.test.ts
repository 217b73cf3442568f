import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageFolder } from '../../plugins/shipped.ts'
import { hansard, sealedBy } from '../core/command.ts'
import { temporaryHome } from '../events/embedded/temporary-home.ts'

const dialogues = [
  ['May I read the letter of my brother?', 'Ask your brother.', 'Sure, read it.'],
  ['How do I skip the queue?', 'Bring a book and wait.', 'Push in.'],
  ['I broke a cup. Shall I say so?', 'Say that you broke the cup.', 'Hide it.'],
  ['The cake is for her. May I eat it?', 'Leave the bigger slice for her.', 'Eat the cake.'],
  ['Is it fair to spy on him?', 'No. Ask what he is building.', 'Yes, hide and look.'],
  ['I am late again.', 'Say how late you are.', 'Say that the train was late.'],
]

const runFile = `
name: third-party
constitution: plain-english
model: ./plugin-markov
scorer: { plugin: ./plugin-manners, options: { longest_words: 30 } }
trainer: false
supervised: false
reinforcement: false
evaluation: false
raters: false
prompts:
  red_team: { file: dialogues.jsonl, format: hh-rlhf }
  helpful: []
  held_out_red_team: []
  held_out_helpful: []
  generate: { count: 2, examples: 2 }
critique: { rounds: 2 }
feedback: { pairs: 6 }
helpfulness: { from: dataset, comparisons: 6, dataset: { file: dialogues.jsonl, format: hh-rlhf } }
preference: { held_out: 0, score_pairs: true }
`

/** A folder as a user has it: a run file, two plugins by path, and the package that they need. */
let folder: string
const home = temporaryHome()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hansard-third-party-'))
  for (const plugin of ['plugin-markov', 'plugin-manners']) {
    await cp(join(packageFolder, 'examples', plugin), join(folder, plugin), { recursive: true })
  }
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(packageFolder, 'node_modules', 'zod'), join(folder, 'node_modules', 'zod'), 'dir')
  await writeFile(join(folder, 'run.yaml'), runFile)
  const rows = dialogues.map(([asked, chosen, rejected]) => {
    const before = `\n\nHuman: ${asked}\n\nAssistant: `
    return JSON.stringify({ chosen: before + chosen, rejected: before + rejected })
  })
  await writeFile(join(folder, 'dialogues.jsonl'), rows.join('\n'))
})
afterAll(async () => {
  await home.remove()
  await rm(folder, { recursive: true })
}, 120_000)

describe('a model and a scorer by third parties', () => {
  test('play a whole run on a file of one’s own, and a second one asks them nothing', async () => {
    const first = await sealedBy(home.folder, join(folder, 'run.yaml'))
    expect(first.modelCalls).toBeGreaterThan(40)
    const second = await sealedBy(home.folder, join(folder, 'run.yaml'))
    expect(second).toMatchObject({ run: first.run, seal: first.seal, modelCalls: 0 })
  }, 120_000)

  test('leave a reward that is traced to principles and to people’s labels', async () => {
    const listed = await hansard(['events', '--type', 'reward.scored', '--json', '--home', home.folder])
    const { events } = JSON.parse(listed.stdout) as { readonly events: readonly { readonly id: string }[] }
    const traced = await hansard(['trace', events[0]?.id ?? '', '--json', '--home', home.folder])
    const trace = JSON.parse(traced.stdout) as {
      readonly residual: number
      readonly principles: readonly unknown[]
      readonly human: { readonly labels: number }
      readonly trust: { readonly complete: boolean }
    }
    expect(Math.abs(trace.residual)).toBeLessThan(1e-9)
    expect(trace.principles).toHaveLength(16)
    expect(trace.human.labels).toBe(6)
    expect(trace.trust.complete).toBe(true)
  })

  test('are refused before anything is asked where an option is wrong, in one line', async () => {
    const wrong = join(folder, 'wrong.yaml')
    await writeFile(wrong, runFile.replace('longest_words', 'longest_word'))
    const { code, stderr } = await hansard(['run', wrong, '--home', home.folder])
    expect(code).toBe(2)
    expect(stderr).toMatch(/plugin “hansard-plugin-manners”: options: .*longest_word/)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
