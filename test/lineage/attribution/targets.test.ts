import { describe, expect, it } from 'vitest'
import type { Event } from '../../../events/event.ts'
import {
  probabilityFirst,
  targetOf,
  targetOfComparison,
  votesOf,
} from '../../../lineage/attribution/targets.ts'

const a = 'a'.repeat(64)
const b = 'b'.repeat(64)
const label = (out: object): Event =>
  ({
    type: 'label.assigned',
    v: 1,
    params: { orders: ['ab', 'ba'] },
    out: { status: 'ok', ...out },
  }) as unknown as Event
const judged = label({
  orders: [
    { first: a, logprob_first_nats: Math.log(0.6), logprob_second_nats: Math.log(0.2) },
    { first: b, logprob_first_nats: Math.log(0.3), logprob_second_nats: Math.log(0.3) },
  ],
})

describe('the target of a label', () => {
  it('is the probability that the first answer is better, whichever order was shown', () => {
    expect(votesOf(judged, a).map((vote) => vote.order)).toEqual(['ab', 'ba'])
    expect(votesOf(judged, a)[0]!.probabilityFirst).toBeCloseTo(0.75, 12)
    expect(probabilityFirst(judged, a)).toBeCloseTo(0.625, 12)
    expect(probabilityFirst(judged, b)).toBeCloseTo(0.375, 12)
    expect(probabilityFirst(judged)).toBe(probabilityFirst(judged, a))
  })

  it('is 1 or 0 where a rater or a person chose', () => {
    expect(probabilityFirst(label({ preferred: 'first', probability_first: 0.7 }), a)).toBe(1)
    expect(probabilityFirst(label({ preferred: 'second' }), a)).toBe(0)
  })

  it('never comes from a label that failed', () => {
    const failed = { type: 'label.assigned', out: { status: 'failed', reason: 'no_mass_on_choices' } }
    expect(() => probabilityFirst(failed as unknown as Event, a)).toThrow('says nothing')
  })

  it('takes its form after the labels of an ensemble were averaged', () => {
    expect(targetOf(0.7, 'soft')).toBe(0.7)
    expect([0.7, 0.5, 0.2].map((p) => targetOf(p, 'hard'))).toEqual([1, 0.5, 0])
    expect([0.7, 0.5, 0.2].map((p) => targetOf(p, 'clamped'))).toEqual([0.6, 0.5, 0.4])
    expect(targetOfComparison([0.9, 0.2], 'hard')).toBe(1)
    expect(targetOfComparison([0.9, 0.2], 'soft')).toBeCloseTo(0.55, 12)
  })
})
