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
 * The group of a reward: the g-th group of n answers to a prompt in a step has the places g·n … g·n+n−1. Where a rollout was
 * rewarded again by another preference model, no step was taken on that: its group is then that of the first reward, as the
 * same model rewarded it. Undefined where no training took a step on the answer.
 */
export const groupOf = async (
  access: RecordAccess,
  scored: ScoredAnswer,
): Promise<RewardGroup | undefined> => {
  const stepped = await steppedReward(access, scored)
  if (stepped === undefined) return undefined
  const { step, reward } = stepped
  const ids = await membersOf(access, setOfStep(step.event))
  const size = groupSizeOf(step.started) ?? ids.length
  const nodes = await access.graph.nodes(ids)
  const { subject, i } = scored.reward.event.draw
  const group = Math.floor(i / size)
  const same = ids.filter(
    (_, at) => nodes[at]?.subject === subject && Math.floor(nodes[at].i / size) === group,
  )
  const rewards = await scoredAnswers(access, same)
  return { step, rewards: reward === scored.reward.id ? rewards : await rewardedBy(access, scored, rewards) }
}

/** The step that was taken on a reward, or else on another reward of its answer. */
const steppedReward = async (
  access: RecordAccess,
  scored: ScoredAnswer,
): Promise<{ readonly step: TrainingStep; readonly reward: EventId } | undefined> => {
  const own = scored.reward.id
  const [step] = await stepsOfReward(access, own)
  if (step !== undefined) return { step, reward: own }
  for (const { id } of await access.graph.children(scored.answer, {
    type: 'reward.scored',
    role: 'answer',
  })) {
    const [other] = id === own ? [] : await stepsOfReward(access, id)
    if (other !== undefined) return { step: other, reward: id }
  }
  return undefined
}

/** The rewards of some rewards' answers by the preference model of another, in their order. */
const rewardedBy = async (
  access: RecordAccess,
  scored: ScoredAnswer,
  rewards: readonly ScoredAnswer[],
): Promise<readonly ScoredAnswer[]> => {
  const answers = rewards.map(({ answer }) => answer)
  const nodes = await access.graph.childrenOf(answers, { type: 'reward.scored', role: 'answer' })
  const ids = answers.flatMap((answer) => (nodes.get(answer) ?? []).map(({ id }) => id))
  const model = preferenceModelOf(scored)
  return (await scoredAnswers(access, ids)).filter((one) => preferenceModelOf(one) === model)
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
