import { exactSigmoid } from '../../events/exact-math.ts'
import { numFrom } from '../../events/texts.ts'
import type { Json } from '../../events/event.ts'

/** An item with a known right answer, and the probability that the judge gave it. */
export interface Answered {
  readonly group: string
  /** P(right answer), the mean over both orders; undefined where the judge failed. */
  readonly probabilityRight: number | undefined
}

/** What one order of an item.answered says. */
interface Order {
  readonly shown_first: 'first' | 'second'
  readonly logprob_first_nats: Json
  readonly logprob_second_nats: Json
}

/** P(the right answer) by an item's orders, their mean. */
export const probabilityRight = (orders: readonly Order[], right: 'first' | 'second'): number =>
  orders.reduce((sum, order) => {
    const margin = numFrom(order.logprob_first_nats) - numFrom(order.logprob_second_nats)
    return sum + exactSigmoid(order.shown_first === right ? margin : -margin)
  }, 0) / orders.length

/** Share of the items answered right, those that failed left out of it; exactly one half counts half. */
export const agreementOf = (items: readonly Answered[]) => {
  const answered = items.flatMap(({ probabilityRight: p }) => (p === undefined ? [] : [p]))
  const right = answered.reduce((sum, p) => sum + (p > 0.5 ? 1 : p < 0.5 ? 0 : 0.5), 0)
  return {
    asked: items.length,
    failed: items.length - answered.length,
    accuracy: answered.length === 0 ? Number.NaN : right / answered.length,
  }
}

const binCount = 10

/**
 * Expected calibration error: the judge's confidence in the answer it prefers (0.5 … 1) in ten equal bins; in each,
 * |mean confidence − share that is right|, weighted by its items (Guo et al. 2017, equation 3).
 */
export const calibrationOf = (items: readonly Answered[]) => {
  const bins = Array.from({ length: binCount }, () => ({ items: 0, confidence: 0, right: 0 }))
  let counted = 0
  for (const { probabilityRight: p } of items) {
    if (p === undefined || Number.isNaN(p)) continue
    const confidence = Math.max(p, 1 - p)
    const bin = bins[Math.min(binCount - 1, Math.floor((confidence - 0.5) * 2 * binCount))]!
    bin.items++
    bin.confidence += confidence
    bin.right += p > 0.5 ? 1 : p < 0.5 ? 0 : 0.5
    counted++
  }
  const error =
    bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / Math.max(1, counted)
  return {
    error: counted === 0 ? undefined : error,
    bins: bins.flatMap(({ items: count, confidence, right }, at) =>
      count === 0
        ? []
        : [
            {
              from: 0.5 + at / (2 * binCount),
              to: 0.5 + (at + 1) / (2 * binCount),
              items: count,
              confidence: confidence / count,
              right: right / count,
            },
          ],
    ),
  }
}
