import { predicted } from './bradley-terry.ts'
import { countOf, formOf, splits, type LabelledComparisons } from './labelled-comparisons.ts'
import { targetOf } from './targets.ts'

/** What every contributor adds to θ: its share of a difference of rewards is its row · u. */
export interface Shares {
  /** Row-major [contributors + 1, dimensions]; the last row is that of ensembles whose target does not split. */
  readonly rows: Float64Array
  readonly dimensions: number
}

/**
 * The representer theorem for a Bradley–Terry fit with L2: at the optimum ∇ = 0, hence
 * θ = Σᵢ αᵢ·xᵢ with αᵢ = (yᵢ − σ(zᵢ)) / λ, and a difference of rewards θ·u is *exactly* the sum of αᵢ·(xᵢ·u).
 * Where a target is the plain mean of P labels, each label's share of α is (its probability − σ) / (P·λ).
 *
 * Exact as arithmetic, and no cause: what a difference would be without some labels is `withoutLabels`.
 */
export const sharesOf = (comparisons: LabelledComparisons, theta: Float64Array, lambda: number): Shares => {
  const d = comparisons.dimensions
  const rows = new Float64Array((comparisons.contributors.length + 1) * d)
  const probabilities = predicted(comparisons.differences, theta)
  for (let i = 0; i < countOf(comparisons); i++)
    for (const { contributor, alpha } of alphasOf(comparisons, i, probabilities[i]!, lambda)) {
      const row = contributor * d
      const from = i * d
      for (let j = 0; j < d; j++) rows[row + j]! += alpha * comparisons.differences[from + j]!
    }
  return { rows, dimensions: d }
}

interface Alpha {
  /** Index of the contributor; `contributors.length` for an ensemble that does not split. */
  readonly contributor: number
  /** The label among all labels, or undefined for such an ensemble. */
  readonly label: number | undefined
  readonly alpha: number
}

/** α of comparison i, split over those who share it. @param probability σ(zᵢ) */
export const alphasOf = (
  comparisons: LabelledComparisons,
  i: number,
  probability: number,
  lambda: number,
): readonly Alpha[] => {
  const { starts, contributorOf, probabilities, contributors } = comparisons
  const form = formOf(comparisons, i)
  const from = starts[i]!
  const to = starts[i + 1]!
  const labels = to - from
  if (splits(comparisons, i))
    return Array.from({ length: labels }, (_, k) => ({
      contributor: contributorOf[from + k]!,
      label: from + k,
      alpha: (targetOf(probabilities[from + k]!, form) - probability) / (labels * lambda),
    }))
  let sum = 0
  for (let label = from; label < to; label++) sum += probabilities[label]!
  const alpha = (targetOf(sum / labels, form) - probability) / lambda
  return [{ contributor: contributors.length, label: undefined, alpha }]
}

/** Each row · u: what every contributor adds to the difference θ·u, [contributors + 1]. */
export const applyRows = ({ rows, dimensions }: Shares, u: Float64Array): Float64Array => {
  const values = new Float64Array(rows.length / dimensions)
  for (let k = 0; k < values.length; k++) {
    let sum = 0
    for (let j = 0; j < dimensions; j++) sum += rows[k * dimensions + j]! * u[j]!
    values[k] = sum
  }
  return values
}
