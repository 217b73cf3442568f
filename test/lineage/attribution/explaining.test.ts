import { describe, expect, it } from 'vitest'
import { applyRows, sharesOf } from '../../../lineage/attribution/adds-up.ts'
import { dot, fitHead } from '../../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale } from '../../../lineage/attribution/features.ts'
import { targetsOf, type LabelledComparisons } from '../../../lineage/attribution/labelled-comparisons.ts'
import { refitWithout } from '../../../lineage/attribution/refit.ts'
import type { LabelForm } from '../../../lineage/attribution/targets.ts'
import { withoutLabels } from '../../../lineage/attribution/without-labels.ts'
import { correlation, world, type World } from './synthetic.ts'

const fitted = (given: World, lambda: number, form: LabelForm = 'soft') => {
  const scale = fitScale(given.features, given.comparisons.dimensions)
  const comparisons: LabelledComparisons = {
    ...given.comparisons,
    differences: differencesOf(given.features, scale),
    form,
  }
  const fit = fitHead({ differences: comparisons.differences, targets: targetsOf(comparisons), lambda })
  return { comparisons, scale, theta: fit.theta, lambda }
}

/** Scaled features of each answer less those of the answers' mean. */
const differencesToMean = (
  answers: readonly Float32Array[],
  scale: Float64Array,
): readonly Float64Array[] => {
  const mean = scale.map((_, j) => answers.reduce((sum, answer) => sum + answer[j]!, 0) / answers.length)
  return answers.map((answer) => scale.map((s, j) => (answer[j]! - mean[j]!) / s))
}

/** Every number that a trace prints: for each answer its difference, the shares and the differences that would remain. */
const printed = (given: World, lambda: number): readonly number[] => {
  const { comparisons, scale, theta } = fitted(given, lambda)
  const shares = sharesOf(comparisons, theta, lambda)
  const moves = withoutLabels(comparisons, theta, lambda)
  return differencesToMean(given.answers, scale).flatMap((u) => {
    const difference = dot(u, 0, theta)
    return [difference, ...applyRows(shares, u), ...applyRows(moves, u).map((move) => difference + move)]
  })
}

describe('the shares that add up', () => {
  it.each([
    ['one label a comparison', 1, 'soft'],
    ['hard labels', 1, 'hard'],
    ['an averaged ensemble', 4, 'soft'],
    ['a clamped ensemble', 4, 'clamped'],
  ] as const)('sum to the difference within 1e-9: %s', (_, perComparison, form) => {
    const given = world({ seed: 1, comparisons: 900, dimensions: 20, principles: 6, perComparison })
    const { comparisons, scale, theta, lambda } = fitted(given, 0.1, form)
    const shares = sharesOf(comparisons, theta, lambda)
    for (const u of differencesToMean(given.answers, scale)) {
      const sum = applyRows(shares, u).reduce((total, share) => total + share, 0)
      expect(Math.abs(sum - dot(u, 0, theta))).toBeLessThan(1e-9)
    }
  })

  it('give a clamped ensemble as one contributor, since its target does not split', () => {
    const given = world({
      seed: 2,
      comparisons: 200,
      dimensions: 8,
      principles: 3,
      perComparison: 3,
      humanShare: 0,
    })
    const { comparisons, scale, theta, lambda } = fitted(given, 1, 'clamped')
    const [u] = differencesToMean(given.answers, scale)
    const values = applyRows(sharesOf(comparisons, theta, lambda), u!)
    expect(Array.from(values.slice(0, 4))).toEqual([0, 0, 0, 0])
    expect(values[4]).toBeCloseTo(dot(u!, 0, theta), 9)
    const moves = applyRows(withoutLabels(comparisons, theta, lambda), u!)
    expect(dot(u!, 0, theta) + moves[4]!).toBeCloseTo(0, 9)
  })
})

describe('a constant added to every feature', () => {
  it('changes no number of an explanation', () => {
    const given = world({ seed: 3, comparisons: 600, dimensions: 16, principles: 5 })
    const shift = (features: Float32Array): Float32Array =>
      features.map((value, i) => value + 3 + (i % 16) / 4)
    const shifted = { ...given, features: shift(given.features), answers: given.answers.map(shift) }
    const before = printed(given, 1)
    const after = printed(shifted, 1)
    expect(before.length).toBe(60 * (1 + 7 + 7))
    expect(after.length).toBe(before.length)
    before.forEach((value, at) => expect(Math.abs(value - after[at]!)).toBeLessThan(1e-9))
  })
})

describe('the difference without some labels', () => {
  it.each([
    ['one label a comparison', 1, 'soft'],
    ['an averaged ensemble', 4, 'soft'],
    ['a hard ensemble', 4, 'hard'],
  ] as const)(
    'is what refitting without them gives, over principles and answers: %s',
    (_, perComparison, form) => {
      const given = world({ seed: 4, comparisons: 2400, dimensions: 32, principles: 8, perComparison })
      const { comparisons, scale, theta, lambda } = fitted(given, 1, form)
      const moves = withoutLabels(comparisons, theta, lambda)
      const us = differencesToMean(given.answers, scale)
      const newton = us.map((u) => applyRows(moves, u))
      const estimated: number[] = []
      const refitted: number[] = []
      for (let principle = 0; principle < 8; principle++) {
        const fit = refitWithout(comparisons, principle, theta, lambda)
        us.forEach((u, answer) => {
          estimated.push(newton[answer]![principle]!)
          refitted.push(dot(u, 0, fit.theta) - dot(u, 0, theta))
        })
      }
      expect(correlation(estimated, refitted)).toBeGreaterThan(0.99)
    },
  )

  it('is another question than the share: the two do not agree', () => {
    const given = world({ seed: 5, comparisons: 2400, dimensions: 32, principles: 8 })
    const { comparisons, scale, theta, lambda } = fitted(given, 1)
    const shares = sharesOf(comparisons, theta, lambda)
    const moves = withoutLabels(comparisons, theta, lambda)
    const us = differencesToMean(given.answers, scale)
    const a = us.flatMap((u) => Array.from(applyRows(shares, u).slice(0, 8)))
    const b = us.flatMap((u) => Array.from(applyRows(moves, u).slice(0, 8), (move) => -move))
    expect(correlation(a, b)).toBeLessThan(0.95)
  })

  it('is unchanged without a contributor that has no labels, and 0 without the only one', () => {
    const given = world({ seed: 6, comparisons: 100, dimensions: 4, principles: 1, humanShare: 0 })
    const { comparisons, scale, theta, lambda } = fitted(given, 1)
    const [u] = differencesToMean(given.answers, scale)
    const moves = applyRows(withoutLabels(comparisons, theta, lambda), u!)
    expect(moves[1]).toBe(0)
    expect(dot(u!, 0, theta) + moves[0]!).toBeCloseTo(0, 9)
    expect([...refitWithout(comparisons, 0, theta, lambda).theta]).toEqual([0, 0, 0, 0])
  })
})
