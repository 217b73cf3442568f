import type { EventId } from '../events/event.ts'
import { rewardScored } from '../events/vocabulary/reinforcement.ts'
import { eventOf, type RecordAccess } from './record.ts'
import { groupOf, pairedRewards, preferenceModelOf, type RewardGroup } from './reward-group.ts'
import { scoredAnswers, type ScoredAnswer } from './scored-answers.ts'
import { NothingToExplain } from './trace-errors.ts'
import type { Reference } from './trace-types.ts'

/**
 * The reward that an id names: a reward.scored, or the first reward of an answer (by one preference model, where it is given).
 * @throws NothingToExplain
 */
export const rewardToExplain = async (
  access: RecordAccess,
  id: EventId,
  model?: EventId,
): Promise<ScoredAnswer> => {
  const event = await eventOf(access, id)
  const isReward = event.event.type === rewardScored.type
  const nodes = isReward ? [] : await access.graph.children(id, { type: rewardScored.type, role: 'answer' })
  const scored = await scoredAnswers(access, isReward ? [id] : nodes.map((node) => node.id))
  const wanted = scored.find((one) => model === undefined || isReward || preferenceModelOf(one) === model)
  if (wanted === undefined && !isReward)
    throw new NothingToExplain(
      `${id.slice(0, 12)} is a ${event.event.type} that no preference model scored`,
      'list rewards with `hansard trace`, or with `hansard events --type reward.scored`',
    )
  if (wanted === undefined || !Number.isFinite(wanted.value))
    throw new NothingToExplain(
      `the reward ${id.slice(0, 12)} ${wanted === undefined ? 'failed' : 'is not a finite number'}: there is no difference to explain`,
      'list rewards with `hansard trace`',
    )
  return wanted
}

/** What a reward is compared with: the numbers, and the features behind them. */
export interface Compared {
  readonly reference: Reference
  readonly others: readonly ScoredAnswer[]
  readonly group: RewardGroup | undefined
}

/**
 * What a reward is compared with: the other that was named, the mean of its group, or the other answer of its pair.
 * @throws NothingToExplain where there is none of these
 */
export const comparedWith = async (
  access: RecordAccess,
  scored: ScoredAnswer,
  against: EventId | undefined,
): Promise<Compared> => {
  const group = await groupOf(access, scored)
  if (against !== undefined) {
    const other = await rewardToExplain(access, against, preferenceModelOf(scored))
    if (preferenceModelOf(other) !== preferenceModelOf(scored))
      throw new NothingToExplain(
        `${against.slice(0, 12)} is the reward of another preference model: their difference means nothing`,
        'name a reward of the same preference model',
      )
    return {
      reference: referenceOf('other answer', [other], 'the reward that was named'),
      others: [other],
      group,
    }
  }
  if (group !== undefined) {
    const finite = group.rewards.filter(({ value }) => Number.isFinite(value))
    const left = group.rewards.length - finite.length
    const note = `mean of its group of ${finite.length}${left === 0 ? '' : `; ${left} without a finite reward left out`}`
    return { reference: referenceOf('group mean', finite, note), others: finite, group }
  }
  const [other] = (await pairedRewards(access, scored)).filter(({ value }) => Number.isFinite(value))
  if (other === undefined)
    throw new NothingToExplain(
      `the reward ${scored.reward.id.slice(0, 12)} belongs to no group and to no pair whose other answer was scored`,
      `name a reward to compare it with: hansard trace ${scored.reward.id.slice(0, 12)} --against ID`,
    )
  return {
    reference: referenceOf('other answer', [other], 'the other answer of its pair'),
    others: [other],
    group,
  }
}

const referenceOf = (kind: Reference['kind'], rewards: readonly ScoredAnswer[], note: string): Reference => ({
  kind,
  value: rewards.reduce((sum, { value }) => sum + value, 0) / rewards.length,
  rewards: rewards.map(({ reward }) => reward.id),
  note,
})
