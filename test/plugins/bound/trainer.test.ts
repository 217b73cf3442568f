import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../events/canonical.ts'
import type { RlHost, RlJob, SftJob, Trainer } from '../../../plugins/api.ts'
import { boundTrainer } from '../../../plugins/bound/trainer.ts'
import { PluginMisbehaved } from '../../../plugins/errors.ts'

const weights = sha256Hex('weights')
const never = new AbortController().signal
const weightsOfNothing = { bytes: new Uint8Array() }

const step = (n: number, more: object = {}) => ({
  kind: 'step',
  step: n,
  items: ['a', 'b'],
  lossNats: Number.NaN,
  learningRate: 1e-3,
  gradientNorm: Infinity,
  tokens: 7,
  weights,
  ...more,
})
const checkpoint = (n: number) => ({ kind: 'checkpoint', step: n, bytes: new Uint8Array(3), weights })
const rl = { klNats: 0, klsNats: [0, 0], advantages: [1, -1] }

const trainerOf = (sft: Trainer['sft'], rlOf: Trainer['rl'] = sft as never): Trainer =>
  boundTrainer(
    'fixture',
    {
      by: { plugin: 'fixture', behaviour: weights },
      determinism: 'exact',
      settings: (_, given) => given,
      weightsOf: async () => weights,
      sft,
      rl: rlOf,
    },
    200,
  )

const job: SftJob = {
  start: undefined,
  settings: {},
  count: 4,
  items: async () => [],
  checkpointEvery: 2,
}

const train = async (...reports: unknown[]) => {
  const got = []
  const trainer = trainerOf(async function* () {
    for (const report of reports) yield report as never
  })
  for await (const report of trainer.sft(job, never)) got.push(report)
  return got
}

test('steps and checkpoints come through, numbers that are none with them', async () => {
  const got = await train(step(1), step(2), checkpoint(2))
  expect(got).toEqual([step(1), step(2), checkpoint(2)])
})

describe('a trainer is refused when', () => {
  test.each<[string, unknown[], RegExp]>([
    ['a step is left out', [step(1), step(3)], /after step 1 came step 3/],
    ['a step comes twice', [step(1), step(1)], /after step 1 came step 1/],
    ['a checkpoint comes before its step', [checkpoint(1)], /after step 0 came a checkpoint of step 1/],
    [
      'the last step has no checkpoint',
      [step(1), checkpoint(1), step(2)],
      /without a checkpoint of its last step, 2/,
    ],
    ['a report is none', [step(1, { tokens: -1 })], /after step 0 came no report: tokens/],
    ['weights are no digest', [step(1, { weights: 'abc' })], /after step 0 came no report: weights/],
  ])('%s', async (_, reports, message) => {
    const training = train(...reports)
    await expect(training).rejects.toBeInstanceOf(PluginMisbehaved)
    await expect(training).rejects.toThrow(message)
  })
})

describe('reinforcement', () => {
  const rollout = (id: string) => ({
    id,
    text: 'x',
    finish: 'stop' as const,
    tokenIds: new Uint32Array(2),
    logprobs: new Float32Array(2),
    features: new Float32Array(3),
  })
  const host: RlHost = {
    prompts: async () => ['a', 'b'].map((id) => ({ id, group: 0, dialogue: [], seed: 1 })),
    score: async (_, rollouts) => rollouts.map(() => 1),
  }
  const rlJob: RlJob = {
    start: weightsOfNothing,
    reference: weightsOfNothing,
    trunk: weightsOfNothing,
    settings: {},
    steps: 1,
    temperature: 1,
    maxTokens: 4,
    checkpointEvery: 1,
    checkpointAt: [],
  }
  const run = async (rlOf: Trainer['rl'], given: RlHost = host) => {
    const got = []
    for await (const report of trainerOf(rlOf as never, rlOf).rl(rlJob, given, never)) got.push(report)
    return got
  }
  const scoring = (rollouts: unknown[], report: object = { rl }): Trainer['rl'] =>
    async function* (_, theHost) {
      await theHost.prompts(1)
      await theHost.score(1, rollouts as never)
      yield step(1, report) as never
      yield checkpoint(1) as never
    }

  test('rolls out what it was asked for', async () => {
    expect(await run(scoring([rollout('b'), rollout('a')]))).toHaveLength(2)
  })

  test.each<[string, unknown[], RegExp]>([
    ['another item', [rollout('a'), rollout('c')], /rollout c was not asked for/],
    ['one item twice', [rollout('a'), rollout('a')], /rollout a was not asked for, or came twice/],
    ['too few', [rollout('a')], /1 of 2 rollouts did not come/],
    ['something else', [{ id: 'a' }], /its rollouts are none/],
    [
      'too few log-probabilities',
      [{ ...rollout('a'), logprobs: new Float32Array(1) }, rollout('b')],
      /one log-probability a token/,
    ],
  ])('is refused for %s, before anything is recorded', async (_, rollouts, message) => {
    let recorded = false
    const watching: RlHost = {
      ...host,
      score: async () => {
        recorded = true
        return []
      },
    }
    await expect(run(scoring(rollouts), watching)).rejects.toThrow(message)
    expect(recorded).toBe(false)
  })

  test('is refused without advantages, or with too few', async () => {
    await expect(run(scoring([rollout('a'), rollout('b')], {}))).rejects.toThrow(/no KL and no advantages/)
    const few = { rl: { ...rl, advantages: [1] } }
    await expect(run(scoring([rollout('a'), rollout('b')], few))).rejects.toThrow(
      /2 items, 2 KLs and 1 advantages/,
    )
  })

  test('the clock stops while the host scores', async () => {
    const slow: RlHost = {
      ...host,
      score: async () => {
        await new Promise((resolve) => setTimeout(resolve, 400))
        return [1, 1]
      },
    }
    expect(await run(scoring([rollout('a'), rollout('b')]), slow)).toHaveLength(2)
  })

  test('is refused when it ends before its last step', async () => {
    const none: Trainer['rl'] = async function* () {}
    await expect(run(none)).rejects.toThrow(/ended after step 0 of 1/)
  })
})
