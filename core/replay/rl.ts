import type { Digest, Json, Recorded } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { rewardScored } from '../../events/vocabulary/reinforcement.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { eventsOf, membersOf, theParent } from '../../lineage/record.ts'
import type { RlHost, Trainer } from '../../plugins/api.ts'
import { dialoguesOf } from '../prompt-items.ts'
import { compareSteps, type RecordedTraining, type ReplayAccess, type Replayed } from './training.ts'
import { tokensOf } from '../stages/rollout-tokens.ts'

interface RlParams {
  readonly steps: number
  readonly prompts_per_step: number
  readonly red_team_share: number
  readonly group: number
  readonly temperature: number
  readonly max_tokens: number
  readonly [setting: string]: Json
}

/** Trains again by RL on the recorded rollouts and their recorded rewards: nothing is sampled. */
export const replayRl = async (
  access: ReplayAccess,
  trainer: Trainer,
  training: RecordedTraining,
  policy: Uint8Array,
): Promise<Replayed> => {
  const { signal } = access
  const { started, steps } = training
  const given = started.event.params['settings'] as RlParams
  const {
    steps: _steps,
    prompts_per_step: _prompts,
    red_team_share: _share,
    group,
    temperature,
    max_tokens,
    ...settings
  } = given
  const weights: (Digest | undefined)[] = []
  const start = { bytes: policy }
  const job = {
    start,
    reference: start,
    trunk: start,
    settings,
    steps: steps.length,
    temperature,
    maxTokens: max_tokens,
    checkpointEvery: Number.MAX_SAFE_INTEGER,
    checkpointAt: [],
  }
  for await (const report of trainer.rl(job, recordedHost(access, steps, group), signal)) {
    if (report.kind === 'checkpoint') continue
    weights.push(report.weights)
    access.progress(started.event.draw.subject, report.step, steps.length)
  }
  return compareSteps(training, 'rl', weights)
}

/** Gives the trainer what the record has of each step: its rollouts in item order, and their rewards. */
const recordedHost = (
  { home, graph, texts }: ReplayAccess,
  steps: readonly Recorded[],
  group: number,
): RlHost => {
  let rewards: readonly Recorded[] = []
  return {
    prompts: async (step) => {
      rewards = await eventsOf(home, await membersOf({ ...home, graph }, theParent(steps[step - 1]!, 'set')))
      const rollouts = await eventsOf(
        home,
        rewards.map((reward) => theParent(reward, 'answer')),
      )
      const prompts = await eventsOf(
        home,
        rollouts.map((rollout) => theParent(rollout, 'prompt')),
      )
      const answers = await texts.of(rollouts)
      const tokens = await Promise.all(rollouts.map((rollout) => tokensOf(home.blobs, rollout)))
      const dialogues = await dialoguesOf(texts, prompts)
      return rollouts.map((rollout, k) => ({
        id: String(k),
        group: Math.floor(k / group),
        dialogue: dialogues[k]!,
        seed: rollout.event.draw.seed!,
        recorded: { text: answers[k]!, ...tokens[k]! },
      }))
    },
    score: async () => rewards.map(({ event }) => numFrom(outcomeOf(rewardScored, event)!.value)),
  }
}
