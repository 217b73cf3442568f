import type { TrainingItem } from './shard.ts'

/** A rollout as the policy gradient sees it. */
export interface Scored {
  /** The prompt and the answer, its stop mark included. */
  readonly tokens: Int32Array
  /** Where the answer begins. */
  readonly from: number
  /** Rollouts of one group share their prompt. */
  readonly group: number
  readonly reward: number
  /** Log-probabilities (nats) of the answer's tokens as sampled, and under the reference. */
  readonly logProbs: Float32Array
  readonly reference: Float32Array
}

/** The estimate of KL(policy || reference) that one answer gives: the sum over its tokens, in nats. */
export const answerKl = ({ logProbs, reference }: Scored): number =>
  logProbs.reduce((sum, logProb, t) => sum + (logProb - (reference[t] as number)), 0)

/**
 * Advantages: reward - beta * KL, minus the mean of its group, divided by the deviation over the whole batch
 * (of what stands before the group's mean is taken away; n - 1 in the denominator), as in REINFORCE with a
 * baseline from the group.
 */
export function advantagesOf(rollouts: readonly Scored[], kls: readonly number[], beta: number): number[] {
  const values = rollouts.map(({ reward }, i) => reward - beta * (kls[i] as number))
  const mean = average(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1))
  const groups = Map.groupBy(
    rollouts.map(({ group }, i) => ({ group, value: values[i] as number })),
    ({ group }) => group,
  )
  const means = new Map([...groups].map(([group, all]) => [group, average(all.map(({ value }) => value))]))
  return rollouts.map(
    ({ group }, i) => ((values[i] as number) - (means.get(group) as number)) / (deviation + 1e-4),
  )
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** The rollouts as training items: every token of an answer is weighed by its advantage. */
export const policyItems = (rollouts: readonly Scored[], advantages: readonly number[]): TrainingItem[] =>
  rollouts.map(({ tokens, from }, i) => {
    const weights = new Float32Array(tokens.length).fill(advantages[i] as number)
    weights.fill(0, 0, from)
    return { tokens, weights }
  })
