import { fitHead, type Fit } from './bradley-terry.ts'
import type { LabelledComparisons } from './labelled-comparisons.ts'
import { remainingWithout, rowsOf } from './without-labels.ts'

/**
 * The head fitted again, to its optimum, without one contributor's labels: what `withoutLabels` estimates with one step.
 * Features and their scales stay as they were.
 * @param contributor index in `comparisons.contributors`
 */
export const refitWithout = (
  comparisons: LabelledComparisons,
  contributor: number,
  theta: Float64Array,
  lambda: number,
): Fit => {
  const { which, targets } = remainingWithout(comparisons, contributor)
  return fitHead({ differences: rowsOf(comparisons, which), targets, lambda, start: theta })
}
