import type { Recorded } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { rewardScored } from '../../events/vocabulary/reinforcement.ts'
import { trainStarted, trainStepped } from '../../events/vocabulary/training.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { parentOf, theParent } from '../record.ts'
import { doubleColumn, intColumn, textColumn, turnsColumn } from './columns.ts'
import {
  allOfType,
  answerTurn,
  eventsOfType,
  type ExportSource,
  load,
  membersInBatches,
  textsOfEvents,
  turnsOf,
} from './export-source.ts'
import type { ParquetColumn, ParquetRow } from './parquet-file.ts'

/**
 * One row a rollout, in the order of training. `advantage` is what the step trained on; null for rewards that no training
 * of this run used.
 */
export const rolloutColumns: readonly ParquetColumn[] = [
  turnsColumn('prompt'),
  turnsColumn('completion'),
  doubleColumn('reward'),
  doubleColumn('advantage', 'OPTIONAL'),
  textColumn('training'),
  intColumn('step'),
  textColumn('reward_id'),
  textColumn('rollout_id'),
  textColumn('prompt_id'),
  textColumn('policy_id'),
  textColumn('preference_model_id', 'OPTIONAL'),
]

export async function* rolloutRows(source: ExportSource): AsyncGenerator<ParquetRow> {
  const steps = await rlSteps(source)
  for (const { event } of steps) {
    const { step } = paramsOf(trainStepped, event)
    const advantages = outcomeOf(trainStepped, event)?.advantages ?? []
    const set = event.parents.find(({ role }) => role === 'set')!.id
    let done = 0
    for await (const rewards of membersInBatches(source.memo, set)) {
      yield* rowsOf(
        source,
        rewards.map((reward, k) => ({ reward, advantage: advantages[done + k] })),
        trainingName(event.draw.subject),
        step,
      )
      done += rewards.length
    }
  }
  if (steps.length === 0) yield* untrained(source)
}

/** Subjects of trainings are their stage's name, with a word for the kind before it. */
const trainingName = (subject: string): string => subject.replace(/^reinforcement\//, '')

/** Steps of the run's reinforcement trainings, training by training, in order. */
const rlSteps = async (source: ExportSource): Promise<readonly Recorded[]> => {
  const trainings = (await allOfType(source, trainStarted.type))
    .filter(({ event }) => paramsOf(trainStarted, event).method === 'rl')
    .map(({ event }) => event.draw.subject)
  const steps = (await allOfType(source, trainStepped.type)).filter(({ event }) =>
    trainings.includes(event.draw.subject),
  )
  return steps.toSorted(
    (a, b) =>
      trainings.indexOf(a.event.draw.subject) - trainings.indexOf(b.event.draw.subject) ||
      paramsOf(trainStepped, a.event).step - paramsOf(trainStepped, b.event).step,
  )
}

/** Rewards of a run that held another's policy: its rollouts were scored, and nobody was trained. */
async function* untrained(source: ExportSource): AsyncGenerator<ParquetRow> {
  for await (const rewards of eventsOfType(source, rewardScored.type)) {
    const answers = await load(
      source.memo,
      rewards.map((reward) => theParent(reward, 'answer')),
    )
    for (const [k, reward] of rewards.entries())
      if (answers[k]!.event.type === 'rollout.drawn')
        yield* rowsOf(source, [{ reward, advantage: undefined }], 'held', reward.event.draw.round)
  }
}

interface Scored {
  readonly reward: Recorded
  readonly advantage: Parameters<typeof numFrom>[0]
}

async function* rowsOf(
  { memo, leftOut }: ExportSource,
  scored: readonly Scored[],
  training: string,
  step: number,
): AsyncGenerator<ParquetRow> {
  const rollouts = await load(
    memo,
    scored.map(({ reward }) => theParent(reward, 'answer')),
  )
  const prompts = await load(
    memo,
    rollouts.map((rollout) => theParent(rollout, 'prompt')),
  )
  const texts = await textsOfEvents(memo, [...rollouts, ...prompts])
  for (const [k, { reward, advantage }] of scored.entries()) {
    const [rollout, prompt] = [rollouts[k]!, prompts[k]!]
    const value = outcomeOf(rewardScored, reward.event)?.value
    if (value === undefined) continue
    const [asked, said] = [texts.get(prompt.id) ?? null, texts.get(rollout.id) ?? null]
    if (asked === null || said === null) {
      leftOut.erased++
      continue
    }
    yield {
      prompt: turnsOf(prompt, asked),
      completion: answerTurn(said),
      reward: numFrom(value),
      advantage: advantage === undefined ? null : numFrom(advantage),
      training,
      step,
      reward_id: reward.id,
      rollout_id: rollout.id,
      prompt_id: prompt.id,
      policy_id: theParent(rollout, 'policy'),
      preference_model_id: parentOf(reward, 'preference_model') ?? null,
    }
  }
}
