import type { EventId } from '../events/event.ts'
import { membersOf, theParent, type RecordAccess } from './record.ts'
import { scoredAnswers, type ScoredAnswer } from './scored-answers.ts'
import { groupSizeOf, setOfStep, stepsOfReward, type TrainingStep } from './training-steps.ts'

/** The rewards that one reward was measured against by the training: same step, same prompt, same group. */
export interface RewardGroup {
  readonly step: TrainingStep
  /** In item order; the reward itself is one of them. */
  readonly rewards: readonly ScoredAnswer[]
}

/**
 * The group of a reward: the g-th group of n answers to a prompt in a step has the places g·n … g·n+n−1. Undefined where
 * no training took a step on it.
 */
export const groupOf = async (
  access: RecordAccess,
  scored: ScoredAnswer,
): Promise<RewardGroup | undefined> => {
  const [step] = await stepsOfReward(access, scored.reward.id)
  if (step === undefined) return undefined
  const ids = await membersOf(access, setOfStep(step.event))
  const size = groupSizeOf(step.started) ?? ids.length
  const nodes = await access.graph.nodes(ids)
  const { subject, i } = scored.reward.event.draw
  const group = Math.floor(i / size)
  const same = ids.filter(
    (_, at) => nodes[at]?.subject === subject && Math.floor(nodes[at].i / size) === group,
  )
  return { step, rewards: await scoredAnswers(access, same) }
}

/** Groups of all rewards of a step, by the same rule. */
export const groupsOf = (
  rewards: readonly ScoredAnswer[],
  size: number,
): readonly (readonly ScoredAnswer[])[] => [
  ...Map.groupBy(
    rewards,
    ({ reward: { event } }) => `${Math.floor(event.draw.i / size)} ${event.draw.subject}`,
  ).values(),
]

/** The other answers of the pairs that an answer stands in, with their rewards by the same preference model. */
export const pairedRewards = async (
  access: RecordAccess,
  scored: ScoredAnswer,
): Promise<readonly ScoredAnswer[]> => {
  const { graph } = access
  const pairs = await graph.children(scored.answer, { type: 'pair.formed', role: 'sample' })
  const samples = await graph.parentsOf(
    pairs.map(({ id }) => id),
    'sample',
  )
  const others = [...samples.values()]
    .flat()
    .flatMap(({ parent }) => (parent === scored.answer ? [] : [parent]))
  const model = preferenceModelOf(scored)
  const rewards = await graph.childrenOf(others, { type: 'reward.scored', role: 'answer' })
  const ids = [...rewards.values()].flat().map(({ id }) => id)
  const found = await scoredAnswers(access, [...new Set(ids)])
  return found.filter((one) => preferenceModelOf(one) === model)
}

/** The preference model that scored an answer; undefined for rewards of another mode. */
export const preferenceModelOf = ({ reward }: ScoredAnswer): EventId | undefined =>
  reward.event.params['mode'] === 'preference_model' ? theParent(reward, 'preference_model') : undefined
