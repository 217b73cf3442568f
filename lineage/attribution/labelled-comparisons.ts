import { targetOf, type LabelForm } from './targets.ts'

/** Who speaks in the labels that have no principle: people, or raters that are simulated. */
export const human = 'human'
/**
 * All comparisons that a head was fitted to, and the labels that each one's target is the mean of:
 * one, or one for each principle of an ensemble.
 */
export interface LabelledComparisons {
  readonly dimensions: number
  /** Scaled features of the first answer minus the second, row-major [comparisons, dimensions]. */
  readonly differences: Float64Array
  /** The labels of comparison i are starts[i] … starts[i + 1] − 1; [comparisons + 1]. */
  readonly starts: Int32Array
  /** Index of each label's contributor in `contributors`, [labels]. */
  readonly contributorOf: Uint16Array
  /** P(first is better) by each label, [labels]. */
  readonly probabilities: Float64Array
  /** Keys of principles, and `human` where there are labels without one. */
  readonly contributors: readonly string[]
  readonly form: LabelForm
  /** 1 where a comparison's target takes the form of the fit: what people and raters chose stays as it is; [comparisons]. */
  readonly takesForm: Uint8Array
}

export const countOf = ({ starts }: LabelledComparisons): number => starts.length - 1

/** The form of one comparison's target. */
export const formOf = ({ form, takesForm }: LabelledComparisons, i: number): LabelForm =>
  takesForm[i] === 1 ? form : 'soft'

/** Whether a comparison's target is the plain mean of its labels, so that its share splits over them. */
export const splits = (comparisons: LabelledComparisons, i: number): boolean =>
  comparisons.starts[i + 1]! - comparisons.starts[i]! === 1 || formOf(comparisons, i) === 'soft'

/** Comparisons whose target does not split: the clamped or hard ensembles, ascending. */
export const ensemblesOf = (comparisons: LabelledComparisons): readonly number[] =>
  Array.from({ length: countOf(comparisons) }, (_, i) => i).filter((i) => !splits(comparisons, i))

/** The target of each comparison: the mean of its labels' probabilities in the form of the fit, [comparisons]. */
export const targetsOf = (comparisons: LabelledComparisons): Float64Array =>
  Float64Array.from({ length: countOf(comparisons) }, (_, i) => targetWithout(comparisons, i, -1)!)

/** The target that comparison i would have without one contributor's labels; undefined where none would be left. */
export const targetWithout = (
  comparisons: LabelledComparisons,
  i: number,
  without: number,
): number | undefined => {
  const { starts, contributorOf, probabilities } = comparisons
  let sum = 0
  let labels = 0
  for (let label = starts[i]!; label < starts[i + 1]!; label++)
    if (contributorOf[label] !== without) {
      sum += probabilities[label]!
      labels++
    }
  return labels === 0 ? undefined : targetOf(sum / labels, formOf(comparisons, i))
}

/** Labels of each contributor, [contributors]. */
export const labelsByContributor = ({ contributors, contributorOf }: LabelledComparisons): Int32Array => {
  const counts = new Int32Array(contributors.length)
  for (const contributor of contributorOf) counts[contributor]!++
  return counts
}

/** Comparisons in which a contributor has a label, ascending. */
export const comparisonsOf = (comparisons: LabelledComparisons, contributor: number): readonly number[] => {
  const found: number[] = []
  const { starts, contributorOf } = comparisons
  for (let i = 0; i < countOf(comparisons); i++)
    for (let label = starts[i]!; label < starts[i + 1]!; label++)
      if (contributorOf[label] === contributor) {
        found.push(i)
        break
      }
  return found
}
