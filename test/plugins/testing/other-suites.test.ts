import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Constitution, PromptSource, SftJob, Trainer } from '../../../plugins/api.ts'
import { loadConstitution } from '../../../plugins/constitutions/load.ts'
import { fileSource } from '../../../plugins/prompts/file-source.ts'
import { type Check, runChecks } from '../../../plugins/testing/check.ts'
import { constitutionsChecks } from '../../../plugins/testing/constitutions-checks.ts'
import { promptsChecks } from '../../../plugins/testing/prompts-checks.ts'
import { trainerChecks } from '../../../plugins/testing/trainer-checks.ts'
import { CountingTrainer } from './counting-trainer.ts'

const brokenOf = async (checks: readonly Check[]) =>
  (await runChecks(checks)).filter(({ outcome }) => outcome === 'broken').map(({ name }) => name)

describe('the trainer suite', () => {
  const dialogue = [{ role: 'user' as const, content: 'one two three four' }]
  const items = Array.from({ length: 9 }, (_, i) => ({ id: `item ${i}`, dialogue, answer: `word${i} again` }))
  const checksOf = (trainer: Trainer) =>
    trainerChecks({
      open: async () => trainer,
      items,
      settings: { batch: 2 },
      wrongSettings: { given: { bach: 2 }, field: 'bach' },
      reinforcement: {
        settings: {},
        start: async () => ({ bytes: Buffer.from('{}') }),
        dialogues: [dialogue, [{ role: 'user', content: 'five six' }]],
        maxTokens: 7,
      },
    })

  test('is passed by a sound trainer', async () => {
    const results = await runChecks(checksOf(new CountingTrainer()))
    expect(results.filter(({ outcome }) => outcome !== 'kept')).toEqual([])
    expect(results).toHaveLength(12)
  })

  test.each<[string, Trainer, RegExp]>([
    [
      'shuffles',
      new (class extends CountingTrainer {
        override sft(job: SftJob, signal: AbortSignal) {
          const shuffled = async (start: number, count: number) =>
            (await job.items(start, count)).toReversed()
          return super.sft({ ...job, items: shuffled }, signal)
        }
      })(),
      /^it trains on the items in the order/,
    ],
    [
      'forgets its state when it is resumed',
      new (class extends CountingTrainer {
        override sft(job: SftJob, signal: AbortSignal) {
          const empty = Buffer.from('{}')
          return super.sft(job.resume ? { ...job, resume: { ...job.resume, bytes: empty } } : job, signal)
        }
      })(),
      /^exact: resumed from any checkpoint/,
    ],
    [
      'begins again when it is resumed',
      new (class extends CountingTrainer {
        override sft({ resume: _, ...job }: SftJob, signal: AbortSignal) {
          return super.sft(job, signal)
        }
      })(),
      /^exact: resumed from any checkpoint/,
    ],
    [
      'takes any setting',
      new (class extends CountingTrainer {
        override settings() {
          return { batch: 2 }
        }
      })(),
      /^settings that it does not know/,
    ],
    [
      'does not use recorded rollouts',
      new (class extends CountingTrainer {
        #calls = 0
        protected override rollout(
          ...[{ recorded: _recorded, ...request }, most]: Parameters<CountingTrainer['rollout']>
        ) {
          return super.rollout({ ...request, seed: request.seed + this.#calls++ }, most)
        }
      })(),
      /^reinforcement, exact: from recorded rollouts/,
    ],
  ])('catches a trainer that %s', async (_, trainer, name) => {
    expect(await brokenOf(checksOf(trainer))).toContainEqual(expect.stringMatching(name))
  })
})

describe('the suite of prompts', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hansard-suite-'))
    await writeFile(join(folder, 'prompts.txt'), 'one\ntwo\nthree\n')
  })
  afterAll(() => rm(folder, { recursive: true }))
  const open = async (): Promise<PromptSource> =>
    fileSource(join(folder, 'prompts.txt'), { format: 'text' }, () => {})

  test('is passed by a file', async () => {
    expect(await brokenOf(promptsChecks({ open }))).toEqual([])
  })

  test('catches a source that gives other rows each time', async () => {
    let calls = 0
    const moody = async (): Promise<PromptSource> => ({
      ...(await open()),
      async *rows() {
        calls++
        yield { turns: [{ role: 'user', content: 'a' }] }
        yield { turns: [{ role: 'user', content: `b${calls}` }] }
      },
    })
    expect(await brokenOf(promptsChecks({ open: moody }))).toHaveLength(3)
  })
})

describe('the suite of constitutions', () => {
  const open = async (): Promise<readonly Constitution[]> => [await loadConstitution('plain-english', '.')]
  const fields = ['critique', 'revision', 'preference'] as const

  test('is passed by a shipped one', async () => {
    expect(await brokenOf(constitutionsChecks({ open, fields }))).toEqual([])
  })

  test('catches a principle without a text, and a key used twice', async () => {
    const mute = async () =>
      (await open()).map((one) => ({ ...one, principles: [{ key: 'a', critique: 'b' }] }))
    expect(await brokenOf(constitutionsChecks({ open: mute, fields }))).toEqual([
      'every principle has the texts that are needed',
    ])
    const twice = async () =>
      (await open()).map((one) => ({ ...one, principles: [...one.principles, ...one.principles] }))
    expect(await brokenOf(constitutionsChecks({ open: twice, fields }))).toEqual([
      'every constitution is one: a name, a version, principles with keys of their own',
    ])
  })
})
