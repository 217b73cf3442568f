import { describe, expect, it } from 'vitest'
import { agreementOf, calibrationOf, probabilityRight } from '../../../lineage/evaluation/calibration.ts'

const items = (probability: number | undefined, count: number) =>
  Array.from({ length: count }, () => ({ group: 'other', probabilityRight: probability }))

describe('a judge on items with a known right answer', () => {
  it('is asked in both orders, and the mean of both counts', () => {
    const straight = { logprob_first_nats: Math.log(0.8), logprob_second_nats: Math.log(0.2) }
    const turned = { logprob_first_nats: Math.log(0.4), logprob_second_nats: Math.log(0.6) }
    const orders = [
      { shown_first: 'first' as const, ...straight },
      { shown_first: 'second' as const, ...turned },
    ]
    expect(probabilityRight(orders, 'first')).toBeCloseTo(0.7, 12)
    expect(probabilityRight(orders, 'second')).toBeCloseTo(0.3, 12)
  })

  it('is right where it gives the right answer more than one half; failures are counted apart', () => {
    const agreement = agreementOf([
      ...items(0.9, 6),
      ...items(0.1, 2),
      ...items(0.5, 2),
      ...items(undefined, 3),
    ])
    expect(agreement).toEqual({ asked: 13, failed: 3, accuracy: 0.7 })
  })

  it('has no calibration error where its confidence is the share that is right', () => {
    const { error, bins } = calibrationOf([...items(0.75, 75), ...items(0.25, 25)])
    expect(error).toBeCloseTo(0, 12)
    expect(bins).toHaveLength(1)
    expect(bins[0]).toMatchObject({ from: 0.75, to: 0.8, items: 100 })
  })

  it('has an error of how much surer it is than right, weighted by items', () => {
    const always = calibrationOf([...items(1, 60), ...items(0, 40)])
    expect(always.error).toBeCloseTo(0.4, 12)
    const half = calibrationOf([...items(1, 60), ...items(0, 40), ...items(0.5, 100)])
    expect(half.error).toBeCloseTo(0.2, 12)
    expect(calibrationOf(items(undefined, 4)).error).toBeUndefined()
  })
})
