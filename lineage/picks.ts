import type { EventId, Recorded } from '../events/event.ts'
import { answersInView, classesOf } from './answers-in-view.ts'
import { groupsOfStep, type RlTraining } from './evaluation/run-trainings.ts'
import type { Pick, Picks } from './picks-types.ts'
import { membersOf, type RecordAccess } from './record.ts'
import { groupsOf } from './reward-group.ts'
import { scoredAnswers, type ScoredAnswer } from './scored-answers.ts'
import { advantagesOf, groupSizeOf, setOfStep } from './training-steps.ts'

/** Picks of each kind. */
const shown = 3
/** Rewards whose real advantage is looked up, found by the trainer's own (which has the KL term in it and another scale). */
const candidates = 40
/** Steps at the end of a training that are searched for refused benign prompts, and how many at a time. */
const searchedSteps = 50
const searchedAtOnce = 10

/** A pick before its texts are read. */
interface Found {
  readonly scored: ScoredAnswer
  readonly training: RlTraining
  readonly step: number
  readonly advantage: number
}

/**
 * What is worth a trace in a run. Where gold turned in a training, its rewards are picks of that kind, and
 * the largest advantages are looked for in the others.
 * @param flagged names of the trainings that were pushed too far
 */
export const picksOf = async (
  access: RecordAccess,
  trainings: readonly RlTraining[],
  flagged: ReadonlySet<string>,
): Promise<Picks> => {
  const sound = trainings.filter(({ name }) => !flagged.has(name))
  const searched = sound.length === 0 ? trainings : sound
  const [largest, last, refused, gamed] = await Promise.all([
    largestOf(access, searched),
    lastOf(access, trainings),
    refusedBenign(access, searched),
    Promise.all(
      trainings.filter(({ name }) => flagged.has(name)).map((training) => highestRewards(access, training)),
    ).then((found) => found.flat()),
  ])
  const show = await inView(access, [...largest, ...refused, ...gamed])
  return {
    largest: largest.map(show),
    refusedBenign: refused.map(show),
    goodhart: gamed.map(show),
    aliases: {
      last: last?.scored.reward.id,
      best: largest[0]?.scored.reward.id,
      flagged: (gamed[0] ?? refused[0])?.scored.reward.id,
    },
  }
}

/** `@last`: the reward that beat its group by most in the last step of the last training. */
export const lastOf = async (
  access: RecordAccess,
  trainings: readonly RlTraining[],
): Promise<Found | undefined> => {
  const training = trainings.findLast(({ steps }) => steps.length > 0)
  if (training === undefined) return undefined
  const groups = await groupsOfStep(access, training, training.steps.at(-1)!)
  return byAdvantage(groups.flatMap((group) => foundIn(training, training.steps.length, group)))[0]
}

const byAdvantage = (found: readonly Found[]): readonly Found[] =>
  found
    .filter(({ advantage }) => Number.isFinite(advantage))
    .toSorted((a, b) => b.advantage - a.advantage || (a.scored.reward.id < b.scored.reward.id ? -1 : 1))

const foundIn = (training: RlTraining, step: number, group: readonly ScoredAnswer[]): readonly Found[] => {
  const finite = group.filter(({ value }) => Number.isFinite(value))
  const mean = finite.reduce((sum, { value }) => sum + value, 0) / finite.length
  return finite.map((scored) => ({ scored, training, step, advantage: scored.value - mean }))
}

/** The rewards that beat their groups by most, over all steps. */
const largestOf = async (
  access: RecordAccess,
  trainings: readonly RlTraining[],
): Promise<readonly Found[]> => {
  const likely = trainings
    .flatMap((training) =>
      training.steps.flatMap((step, at) =>
        (advantagesOf(step) ?? []).map((advantage, item) => ({
          training,
          step,
          number: at + 1,
          item,
          advantage,
        })),
      ),
    )
    .filter(({ advantage }) => Number.isFinite(advantage))
    .toSorted((a, b) => b.advantage - a.advantage)
    .slice(0, candidates)
  const found = await Promise.all(
    [...Map.groupBy(likely, ({ step }) => step)].map(async ([step, items]) => {
      const { training, number } = items[0]!
      const ids = await membersOf(access, setOfStep(step))
      const size = groupSizeOf(training.started) ?? ids.length
      const wanted = new Set(items.map(({ item }) => Math.floor(item / size)))
      const rewards = await scoredAnswers(
        access,
        ids.filter((_, item) => wanted.has(Math.floor(item / size))),
      )
      return groupsOf(rewards, size).flatMap((group) => foundIn(training, number, group))
    }),
  )
  return byAdvantage(found.flat()).slice(0, shown)
}

/** The highest rewards of a training's last step. */
const highestRewards = async (access: RecordAccess, training: RlTraining): Promise<readonly Found[]> => {
  const step = training.steps.at(-1)
  if (step === undefined) return []
  const groups = await groupsOfStep(access, training, step)
  return groups
    .flatMap((group) => foundIn(training, training.steps.length, group))
    .toSorted((a, b) => b.scored.value - a.scored.value)
    .slice(0, shown)
}

/** Rollouts that refuse a prompt of the helpful set, from the last steps back. */
const refusedBenign = async (
  access: RecordAccess,
  trainings: readonly RlTraining[],
): Promise<readonly Found[]> => {
  const found: Found[] = []
  for (const training of trainings.toReversed()) {
    const least = Math.max(0, training.steps.length - searchedSteps)
    for (let end = training.steps.length; end > least && found.length < shown; end -= searchedAtOnce) {
      const from = Math.max(least, end - searchedAtOnce)
      const part = training.steps.slice(from, end)
      found.push(...(await refusedIn(access, training, part, from + 1)).toReversed())
    }
  }
  return found.slice(0, shown)
}

const refusedIn = async (
  access: RecordAccess,
  training: RlTraining,
  steps: readonly Recorded[],
  first: number,
): Promise<readonly Found[]> => {
  const { graph } = access
  const sets = await Promise.all(steps.map((step) => membersOf(access, setOfStep(step))))
  const answers = await graph.parentsOf(sets.flat(), 'answer')
  const answerOf = (reward: EventId): EventId => answers.get(reward)![0]!.parent
  const prompts = await graph.parentsOf(
    [...answers.values()].flat().map(({ parent }) => parent),
    'prompt',
  )
  const helpful = await helpfulPrompts(access, [
    ...new Set([...prompts.values()].flat().map(({ parent }) => parent)),
  ])
  const benign = sets.flat().filter((reward) => helpful.has(prompts.get(answerOf(reward))![0]!.parent))
  const classes = await classesOf(access, benign.map(answerOf))
  const refused = new Set(benign.filter((reward) => classes.get(answerOf(reward))?.refuses === true))
  const found = await Promise.all(
    steps.map(async (step, at) => {
      if (!sets[at]!.some((reward) => refused.has(reward))) return []
      const groups = await groupsOfStep(access, training, step)
      return groups
        .flatMap((group) => foundIn(training, first + at, group))
        .filter(({ scored }) => refused.has(scored.reward.id))
    }),
  )
  return found.flat()
}

/** Of some prompts, those whose dataset was imported as helpful ones. */
const helpfulPrompts = async (
  access: RecordAccess,
  prompts: readonly EventId[],
): Promise<ReadonlySet<EventId>> => {
  const datasets = await access.graph.parentsOf(prompts, 'dataset')
  const ids = [...new Set([...datasets.values()].flat().map(({ parent }) => parent))]
  const imported = await access.memo.events(ids)
  const helpful = new Set(ids.filter((_, at) => imported[at]?.event.params['use'] === 'helpful'))
  return new Set(prompts.filter((prompt) => datasets.get(prompt)?.some(({ parent }) => helpful.has(parent))))
}

const inView = async (access: RecordAccess, found: readonly Found[]): Promise<(one: Found) => Pick> => {
  const answers = await answersInView(
    access,
    found.map(({ scored }) => scored.answer),
  )
  return ({ scored, training, step, advantage }) => {
    const answer = answers.get(scored.answer)!
    return {
      reward: scored.reward.id,
      rollout: scored.answer,
      training: training.name,
      step,
      value: scored.value,
      advantage,
      prompt: answer.prompt.text,
      answer: answer.text,
    }
  }
}
