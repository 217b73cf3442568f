import { HansardError } from '../../events/errors.ts'

/** A matrix that should be positive definite is not: a feature or a weight is not a finite number. */
export class NotPositiveDefinite extends HansardError {
  constructor(row: number) {
    super('not_positive_definite', `the curvature of the fit is not positive definite at dimension ${row}`, {
      exit: 1,
      mend: 'check the features for values that are not finite, and that lambda is above 0',
    })
  }
}

/** The lower triangular L with L·Lᵀ = A, row-major. */
export interface Factor {
  readonly lower: Float64Array
  readonly dimensions: number
}

/**
 * Cholesky factorisation by rows, in float64, sums in index order.
 * @param a symmetric, row-major [dimensions, dimensions]; not changed
 * @throws NotPositiveDefinite
 */
export const factorise = (a: Float64Array, dimensions: number): Factor => {
  const lower = new Float64Array(dimensions * dimensions)
  for (let i = 0; i < dimensions; i++) {
    const row = i * dimensions
    for (let j = 0; j <= i; j++) {
      const other = j * dimensions
      let sum = a[row + j]!
      for (let k = 0; k < j; k++) sum -= lower[row + k]! * lower[other + k]!
      if (j < i) lower[row + j] = sum / lower[other + j]!
      else if (sum > 0 && Number.isFinite(sum)) lower[row + j] = Math.sqrt(sum)
      else throw new NotPositiveDefinite(i)
    }
  }
  return { lower, dimensions }
}

/** The x with L·Lᵀ·x = b. */
export const solve = ({ lower, dimensions }: Factor, b: Float64Array): Float64Array => {
  const x = Float64Array.from(b)
  for (let i = 0; i < dimensions; i++) {
    let sum = x[i]!
    for (let k = 0; k < i; k++) sum -= lower[i * dimensions + k]! * x[k]!
    x[i] = sum / lower[i * dimensions + i]!
  }
  for (let i = dimensions - 1; i >= 0; i--) {
    const value = x[i]! / lower[i * dimensions + i]!
    x[i] = value
    for (let k = 0; k < i; k++) x[k]! -= lower[i * dimensions + k]! * value
  }
  return x
}
