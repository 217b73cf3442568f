import { curvature, predicted } from './bradley-terry.ts'
import { factorise, solve } from './cholesky.ts'
import {
  comparisonsOf,
  countOf,
  ensemblesOf,
  targetsOf,
  targetWithout,
  type LabelledComparisons,
} from './labelled-comparisons.ts'
import { weightedGram } from './weighted-gram.ts'

/** How θ would move without each contributor's labels. */
export interface Moves {
  /**
   * Row-major [contributors + 1, dimensions]: θ without the labels, minus θ. The last row is that without any ensemble
   * whose target does not split.
   */
  readonly rows: Float64Array
  readonly dimensions: number
}

/**
 * One Newton step from θ on the comparisons that remain when a contributor's labels are taken away.
 * A comparison loses its target's share of those labels, or goes altogether where it had no others.
 * Held fixed: features, scales, pairs, policy, rollouts.
 *
 * The curvature of what remains is the whole one less that of what goes, so that all contributors together cost one
 * pass over the comparisons, and a factorisation each.
 */
export const withoutLabels = (
  comparisons: LabelledComparisons,
  theta: Float64Array,
  lambda: number,
): Moves => {
  const d = comparisons.dimensions
  const probabilities = predicted(comparisons.differences, theta)
  const targets = targetsOf(comparisons)
  const whole = curvature(comparisons.differences, probabilities, d, lambda)
  const rows = new Float64Array((comparisons.contributors.length + 1) * d)
  for (let contributor = 0; contributor <= comparisons.contributors.length; contributor++) {
    const isContributor = contributor < comparisons.contributors.length
    const affected = isContributor ? comparisonsOf(comparisons, contributor) : ensemblesOf(comparisons)
    if (affected.length === 0) continue
    const gradient = new Float64Array(d)
    const gone: number[] = []
    for (const i of affected) {
      const left = isContributor ? targetWithout(comparisons, i, contributor) : undefined
      if (left === undefined) gone.push(i)
      const change = left === undefined ? targets[i]! - probabilities[i]! : targets[i]! - left
      for (let j = 0; j < d; j++) gradient[j]! += change * comparisons.differences[i * d + j]!
    }
    const factor = factorise(less(whole, curvatureOf(comparisons, probabilities, gone)), d)
    const step = solve(factor, gradient)
    for (let j = 0; j < d; j++) rows[contributor * d + j] = -step[j]!
  }
  return { rows, dimensions: d }
}

/** Σ w·x·xᵀ over some comparisons only, without λ. */
const curvatureOf = (
  comparisons: LabelledComparisons,
  probabilities: Float64Array,
  which: readonly number[],
): Float64Array => {
  const weights = Float64Array.from(which, (i) => probabilities[i]! * (1 - probabilities[i]!))
  return weightedGram(rowsOf(comparisons, which), weights, comparisons.dimensions)
}

/** The differences of some comparisons, row-major [which, dimensions]. */
export const rowsOf = (
  { differences, dimensions }: LabelledComparisons,
  which: readonly number[],
): Float64Array => {
  const rows = new Float64Array(which.length * dimensions)
  which.forEach((i, at) =>
    rows.set(differences.subarray(i * dimensions, (i + 1) * dimensions), at * dimensions),
  )
  return rows
}

const less = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, at) => value - b[at]!)

/** Comparisons that keep a label when a contributor's are taken away, with the targets they are left with. */
export const remainingWithout = (
  comparisons: LabelledComparisons,
  contributor: number,
): { readonly which: readonly number[]; readonly targets: Float64Array } => {
  const which: number[] = []
  const targets: number[] = []
  for (let i = 0; i < countOf(comparisons); i++) {
    const target = targetWithout(comparisons, i, contributor)
    if (target === undefined) continue
    which.push(i)
    targets.push(target)
  }
  return { which, targets: Float64Array.from(targets) }
}
