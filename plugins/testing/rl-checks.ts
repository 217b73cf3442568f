import assert from 'node:assert/strict'
import type { Json } from '../../events/event.ts'
import type {
  CheckpointReport,
  DrawnRollout,
  Resume,
  RlHost,
  RlJob,
  RolloutRequest,
  StepReport,
  Trainer,
  Turn,
  Weights,
} from '../api.ts'
import type { Check } from './check.ts'

export interface RlSubject {
  readonly settings: Readonly<Record<string, Json>>
  /** A policy to start from: reference and trunk as well. */
  readonly start: () => Promise<Weights>
  readonly dialogues: readonly (readonly Turn[])[]
  readonly maxTokens: number
}

const steps = 4
const group = 3

interface Trained {
  readonly steps: readonly StepReport[]
  readonly checkpoints: readonly CheckpointReport[]
  readonly rollouts: ReadonlyMap<string, DrawnRollout>
}

/** The promises of reinforcement: the host says what is rolled out, and what it is worth. */
export function rlChecks(open: () => Promise<Trainer>, subject: RlSubject): readonly Check[] {
  const train = async (resume?: Resume, recorded?: ReadonlyMap<string, DrawnRollout>): Promise<Trained> => {
    const trainer = await open()
    const start = await subject.start()
    const settings = trainer.settings('rl', subject.settings)
    return reinforce(trainer, subject, { start, settings, resume, recorded })
  }
  const exactly = async (check: () => Promise<void>) => {
    if ((await open()).determinism === 'exact') await check()
  }

  return [
    {
      name: 'reinforcement: each step rolls out what it was asked for, in order, with one advantage and one KL each',
      run: async () => {
        const { steps: reports } = await train()
        assert.equal(reports.length, steps)
        for (const { step, items, rl } of reports) {
          assert.deepEqual(
            items,
            requestsOf(subject, step).map(({ id }) => id),
          )
          assert.equal(rl?.advantages.length, items.length)
        }
      },
    },
    {
      name: 'reinforcement: a group’s advantages are relative to its own rewards',
      run: async () => {
        const { steps: reports } = await train()
        for (const { rl } of reports) {
          const { advantages = [] } = rl ?? {}
          for (let at = 0; at < advantages.length; at += group) {
            const sum = advantages.slice(at, at + group).reduce((total, advantage) => total + advantage, 0)
            assert.ok(Math.abs(sum) < 1e-3, `the advantages of a group sum to ${sum}`)
          }
        }
      },
    },
    {
      name: 'reinforcement, exact: resumed from a checkpoint, it goes on as if it had never stopped',
      run: () =>
        exactly(async () => {
          const whole = await train()
          const [first] = whole.checkpoints
          assert.ok(first && first.step < steps, 'there is no checkpoint to go on from')
          const resumed = await train({ step: first.step, bytes: first.bytes })
          assert.deepEqual(resumed.steps, whole.steps.slice(first.step))
          assert.deepEqual(resumed.checkpoints.at(-1), whole.checkpoints.at(-1))
        }),
    },
    {
      name: 'reinforcement, exact: from recorded rollouts it trains the same weights',
      run: () =>
        exactly(async () => {
          const whole = await train()
          const replayed = await train(undefined, whole.rollouts)
          assert.deepEqual(replayed.steps, whole.steps)
          assert.deepEqual(replayed.rollouts, whole.rollouts)
        }),
    },
  ]
}

const requestsOf = (
  { dialogues }: RlSubject,
  step: number,
  recorded?: ReadonlyMap<string, DrawnRollout>,
): readonly RolloutRequest[] =>
  dialogues.flatMap((dialogue, g) =>
    Array.from({ length: group }, (_, i): RolloutRequest => {
      const id = `${step}/${g}/${i}`
      const before = recorded?.get(id)
      return {
        id,
        group: g,
        dialogue,
        seed: step * 1_000 + g * 10 + i,
        ...(before === undefined
          ? {}
          : { recorded: { text: before.text, tokenIds: before.tokenIds, logprobs: before.logprobs } }),
      }
    }),
  )

async function reinforce(
  trainer: Trainer,
  subject: RlSubject,
  {
    start,
    settings,
    resume,
    recorded,
  }: {
    readonly start: Weights
    readonly settings: Readonly<Record<string, Json>>
    readonly resume: Resume | undefined
    readonly recorded: ReadonlyMap<string, DrawnRollout> | undefined
  },
): Promise<Trained> {
  const rollouts = new Map<string, DrawnRollout>()
  const host: RlHost = {
    prompts: async (step) => requestsOf(subject, step, recorded),
    score: async (_, drawn) => {
      for (const rollout of drawn) rollouts.set(rollout.id, rollout)
      // Any reward will do, as long as it depends on the rollout alone.
      return drawn.map(({ tokenIds }) => (tokenIds.length % 5) - 2)
    },
  }
  const job: RlJob = {
    start,
    reference: start,
    trunk: start,
    settings,
    steps,
    temperature: 1,
    maxTokens: subject.maxTokens,
    checkpointEvery: 2,
    checkpointAt: [],
    ...(resume === undefined ? {} : { resume }),
  }
  const reports: StepReport[] = []
  const checkpoints: CheckpointReport[] = []
  for await (const report of trainer.rl(job, host, new AbortController().signal)) {
    if (report.kind === 'step') reports.push(report)
    else checkpoints.push(report)
  }
  return { steps: reports, checkpoints, rollouts }
}
