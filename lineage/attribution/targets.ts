import { exactSigmoid } from '../../events/exact-math.ts'
import type { Event, EventId } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { labelAssigned } from '../../events/vocabulary/feedback.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'

/**
 * What a preference model is fitted to, as a function of the raw evidence:
 * `soft` the probability itself, `hard` 1, 0 or (at exactly one half) ½, `clamped` the probability held
 * within 0.4 … 0.6, as Bai et al. 2022 (section 4.1) do for labels after a chain of thought.
 */
export const labelForms = ['soft', 'hard', 'clamped'] as const
export type LabelForm = (typeof labelForms)[number]

/** What one order of a label says. */
export interface OrderVote {
  /** Which answer of the pair was shown first: ab the pair's first. */
  readonly order: 'ab' | 'ba'
  /** P(the pair's first answer is better), whichever was shown first. */
  readonly probabilityFirst: number
}

/**
 * The votes of a label.assigned that asked a feedback model, one for each order: exp(lf) / (exp(lf) + exp(ls)) = σ(lf − ls).
 * Empty for raters' and people's labels, which have no orders.
 * @param first id of the pair's first sample; where absent, the order is what was asked for
 */
export const votesOf = (label: Event, first?: EventId): readonly OrderVote[] => {
  const orders = outcomeOf(labelAssigned, label)?.orders ?? []
  return orders.map((evidence, at) => {
    const margin = numFrom(evidence.logprob_first_nats) - numFrom(evidence.logprob_second_nats)
    return (
      first === undefined ? paramsOf(labelAssigned, label).orders[at] === 'ab' : evidence.first === first
    )
      ? { order: 'ab', probabilityFirst: exactSigmoid(margin) }
      : { order: 'ba', probabilityFirst: exactSigmoid(-margin) }
  })
}

/**
 * P(the pair's first answer is better) by one label: the mean over its orders; 1 or 0 where a rater or a person chose.
 * @param first as in `votesOf`
 * @throws RangeError where the label failed or says nothing
 */
export const probabilityFirst = (label: Event, first?: EventId): number => {
  const votes = votesOf(label, first)
  if (votes.length > 0) return votes.reduce((sum, vote) => sum + vote.probabilityFirst, 0) / votes.length
  const preferred = label.out.status === 'ok' ? label.out['preferred'] : undefined
  if (preferred === undefined) throw new RangeError(`a ${label.type} that says nothing is no label`)
  return preferred === 'first' ? 1 : 0
}

/** The target that a probability gives in one of the forms. */
export const targetOf = (probability: number, form: LabelForm): number => {
  if (form === 'soft') return probability
  if (form === 'clamped') return Math.min(0.6, Math.max(0.4, probability))
  return probability > 0.5 ? 1 : probability < 0.5 ? 0 : 0.5
}

/** The target of one comparison: the mean of its labels' probabilities (an ensemble has several), then the form. */
export const targetOfComparison = (probabilities: readonly number[], form: LabelForm): number =>
  targetOf(probabilities.reduce((sum, p) => sum + p, 0) / probabilities.length, form)
