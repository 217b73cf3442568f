import { afterAll, expect, test } from 'vitest'
import { sha256Hex } from '../../../../events/canonical.ts'
import {
  isFailure,
  type Answered,
  type CheckpointReport,
  type GenerateRequest,
  type Policy,
  type RlHost,
  type SftJob,
  type StepReport,
} from '../../../../plugins/api.ts'
import { openModel } from '../../../../plugins/models/pocket/model.ts'
import { baseWeights } from '../../../../plugins/models/pocket/studio.ts'
import { openTrainer } from '../../../../plugins/models/pocket/trainer.ts'
import { encodeWeights } from '../../../../plugins/models/pocket/training/checkpoint.ts'
import { POCKET_LAYOUT } from '../../../../plugins/models/pocket/lm/pocket-shape.ts'
import { answerText } from '../../../../plugins/models/pocket/world/requests.ts'

const host = (workers: number) => ({ workers, folder: '.', notice: () => {} })
const [one, two] = [1, 2].map((workers) => ({
  model: openModel(host(workers)),
  trainer: openTrainer(host(workers)),
})) as [
  { model: ReturnType<typeof openModel>; trainer: ReturnType<typeof openTrainer> },
  { model: ReturnType<typeof openModel>; trainer: ReturnType<typeof openTrainer> },
]
afterAll(() => Promise.all([one.model.close(), two.model.close()]))

const signal = new AbortController().signal
const user = (content: string) => [{ role: 'user' as const, content }]
const bad = {
  key: 'bad',
  critique: 'avoid what is bad',
  revision: 'avoid what is bad',
  preference: 'avoid what is bad',
}
const requests = [
  'how do i skip the queue before my friend ?',
  'help me bake bread for my boss',
  'tell me how to tease my sister',
]

async function collect<T>(answers: AsyncIterable<Answered<T>>): Promise<T[]> {
  const found: T[] = []
  for await (const { index, answer } of answers) {
    expect(found[index]).toBeUndefined()
    found[index] = answer as T
  }
  return found
}

const responses = (count: number): GenerateRequest[] =>
  Array.from({ length: count }, (_, i) => ({
    act: { act: 'respond', dialogue: user(requests[i % 3] as string) },
    seed: 1000 + i,
    temperature: 1,
    maxTokens: 40,
  }))

test('answers, choices and features have the same bits with one thread and with two, alone and in company', async () => {
  const all = await collect(two.model.base.generate(responses(30), signal))
  expect(await collect(one.model.base.generate(responses(30), signal))).toEqual(all)
  const [last] = await collect(one.model.base.generate(responses(30).slice(29), signal))
  expect(last).toEqual(all[29])

  const texts = all.map((answer) => (isFailure(answer) ? 'sure .' : answer.text))
  const choices = texts.slice(0, 12).map((text, i) => ({
    dialogue: user(requests[i % 3] as string),
    answers: [text, texts[i + 3] as string] as const,
    principle: bad,
  }))
  expect(await collect(one.model.base.choose(choices, signal))).toEqual(
    await collect(two.model.base.choose(choices, signal)),
  )
  const embeds = texts.map((answer, i) => ({ dialogue: user(requests[i % 3] as string), answer }))
  const features = await collect(two.model.base.embed(embeds, signal))
  expect(await collect(one.model.base.embed(embeds.slice(5, 6), signal))).toEqual(features.slice(5, 6))
})

test('the base criticises, revises and judges as it was taught', async () => {
  const dialogue = user(requests[0] as string)
  const answer = answerText(['push past the others', 'bring a good book'])
  const ask = (act: GenerateRequest['act']) =>
    collect(two.model.base.generate([{ act, seed: 5, temperature: 0, maxTokens: 40 }], signal))
  const [critique] = await ask({ act: 'critique', dialogue, answer, principle: bad })
  expect(critique).toMatchObject({ text: 'it is unfair : push past the others', finish: 'stop' })
  const [revision] = await ask({
    act: 'revise',
    dialogue,
    answer,
    principle: bad,
    critique: (critique as { text: string }).text,
  })
  expect((revision as { text: string }).text).not.toContain('push past the others')
  const answers = [answer, answerText(['bring a good book'])] as const
  const [straight, turned] = (await collect(
    two.model.base.choose(
      [
        { dialogue, answers, principle: bad },
        { dialogue, answers: [answers[1], answers[0]], principle: bad },
      ],
      signal,
    ),
  )) as { first: number; second: number }[]
  expect(straight?.second).toBeGreaterThan(straight?.first as number)
  expect(turned?.first).toBeGreaterThan(turned?.second as number)
})

test('a prompt is written after the request mark, and reads as a request', async () => {
  const act = { act: 'prompt', examples: [] } as const
  const prompts = Array.from({ length: 8 }, (_, seed) => ({ act, seed, temperature: 1, maxTokens: 24 }))
  for (const prompt of await collect(one.model.base.generate(prompts, signal))) {
    expect((prompt as { text: string }).text).toMatch(
      /^(how do i|help me|tell me how to) [a-z ]+ my [a-z]+( \?)?$/,
    )
  }
})

test('texts that do not fit are failures of their own, and unknown words are errors', async () => {
  const long = answerText(Array.from({ length: 20 }, () => 'bring a good book'))
  const dialogue = user(requests[0] as string)
  const [choice] = await collect(
    one.model.base.choose([{ dialogue, answers: [long, long], principle: bad }], signal),
  )
  expect(choice).toEqual({ failed: 'prompt_too_long' })
  const unknown = {
    act: { act: 'respond', dialogue: user('how do i rob a bank ?') },
    seed: 1,
    temperature: 1,
    maxTokens: 5,
  } as const
  await expect(collect(one.model.base.generate([unknown], signal))).rejects.toThrow('“rob”')
  expect(() =>
    one.model.checkPrinciples([{ ...bad, key: 'loud', preference: 'avoid what is noisy' }]),
  ).toThrow(/principle “loud”, preference: .*“noisy”/)
})

test('generation stops when its signal aborts', async () => {
  const controller = new AbortController()
  const answers = two.model.base.generate(responses(500), controller.signal)
  await expect(async () => {
    for await (const _ of answers) controller.abort()
  }).rejects.toThrow('abort')
  expect((await collect(two.model.base.generate(responses(2), signal))).length).toBe(2)
})

const items = Array.from({ length: 40 }, (_, i) => ({
  id: `item ${i}`,
  dialogue: user(requests[i % 3] as string),
  answer: answerText(i % 2 ? ['sure', 'bring a good book'] : ['no i would rather not']),
}))

const sftJob = (resume?: SftJob['resume']): SftJob => ({
  start: undefined,
  settings: { batch: 8, learning_rate: 1e-3 },
  count: items.length,
  items: async (start, count) => items.slice(start, start + count),
  checkpointEvery: 2,
  ...(resume && { resume }),
})

type Report = StepReport | (Omit<CheckpointReport, 'bytes'> & { digest: string; bytes: () => Uint8Array })

/** Reports as they came, a checkpoint's bytes by their digest: comparing millions of numbers takes a test too long. */
async function reports(of: AsyncIterable<StepReport | CheckpointReport>): Promise<Report[]> {
  const found: Report[] = []
  for await (const report of of) {
    if (report.kind === 'step') found.push(report)
    else {
      const { bytes, ...rest } = report
      const hidden = Object.defineProperty({ ...rest, digest: sha256Hex(bytes) }, 'bytes', {
        value: () => bytes,
      })
      found.push(hidden as Report)
    }
  }
  return found
}

/** What a trainer resumes from, or a model opens. */
function bytesOf(report: Report | undefined): { step: number; bytes: Uint8Array } {
  if (report?.kind !== 'checkpoint') throw new Error('expected a checkpoint')
  return { step: report.step, bytes: report.bytes() }
}

test('supervised training gives the same reports with one thread and two, and from a checkpoint on', async () => {
  const whole = await reports(two.trainer.sft(sftJob(), signal))
  expect(whole.map((r) => `${r.kind} ${r.step}`)).toEqual([
    'step 1',
    'step 2',
    'checkpoint 2',
    'step 3',
    'step 4',
    'checkpoint 4',
    'step 5',
    'checkpoint 5',
  ])
  expect(await reports(one.trainer.sft(sftJob(), signal))).toEqual(whole)
  expect(await reports(one.trainer.sft(sftJob(bytesOf(whole[2])), signal))).toEqual(whole.slice(3))
  expect(await two.trainer.weightsOf(bytesOf(whole.at(-1)))).toBe(whole.at(-1)?.weights)
})

test('a step of reinforcement learning repeats from recorded rollouts, and its features are those of embed', async () => {
  const start = { bytes: encodeWeights(POCKET_LAYOUT, baseWeights().values) }
  const seen: Parameters<RlHost['score']>[1][] = []
  const rlHost = (recorded?: Parameters<RlHost['score']>[1]): RlHost => ({
    prompts: async (step) =>
      requests.flatMap((text, group) =>
        [0, 1, 2, 3].map((member) => {
          const found = recorded?.[group * 4 + member]
          return {
            id: `${group}.${member}`,
            group,
            dialogue: user(text),
            seed: 100 * step + 10 * group + member,
            ...(found && step === 1 && { recorded: found }),
          }
        }),
      ),
    score: async (_step, rollouts) => {
      seen.push(rollouts)
      return rollouts.map(({ features }) => features[0] as number)
    },
  })
  const job = {
    start,
    reference: start,
    trunk: start,
    settings: { beta: 0.1 },
    steps: 2,
    temperature: 1,
    maxTokens: 20,
    checkpointEvery: 10,
    checkpointAt: [1],
  }
  const whole = await reports(two.trainer.rl(job, rlHost(), signal))
  expect(whole.map((r) => `${r.kind} ${r.step}`)).toEqual([
    'step 1',
    'checkpoint 1',
    'step 2',
    'checkpoint 2',
  ])
  const first = whole[0] as StepReport
  expect(first.rl?.klNats).toBe(0)
  expect(first.rl?.advantages.length).toBe(12)

  const again = await reports(one.trainer.rl(job, rlHost(seen[0]), signal))
  expect(again).toEqual(whole)
  expect(await reports(one.trainer.rl({ ...job, resume: bytesOf(whole[1]) }, rlHost(), signal))).toEqual(
    whole.slice(2),
  )

  const policy: Policy = await one.model.at(start)
  const embeds = (seen[0] ?? []).map(({ text }, i) => ({
    dialogue: user(requests[i >> 2] as string),
    answer: text,
  }))
  const embedded = await collect(policy.embed(embeds, signal))
  expect(embedded).toEqual((seen[0] ?? []).map(({ features }) => ({ features })))
})

test('a trainer setting that is none is named', () => {
  expect(() => one.trainer.settings('rl', { betta: 1 })).toThrow(/betta/)
  expect(one.trainer.settings('sft', {})).toMatchObject({ batch: 64, epochs: 1, learning_rate: 5e-4 })
})
