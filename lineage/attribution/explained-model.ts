import type { EventId } from '../../events/event.ts'
import type { RecordAccess } from '../record.ts'
import { alphasOf, applyRows, sharesOf, type Shares } from './adds-up.ts'
import { dot, predicted } from './bradley-terry.ts'
import { countOf, labelsByContributor } from './labelled-comparisons.ts'
import { loadPreferenceModel, type PreferenceModel } from './preference-model.ts'
import { refitWithout } from './refit.ts'
import { withoutLabels, type Moves } from './without-labels.ts'

/** A preference model with what every contributor adds to its weights, and how they would move without each. */
export interface ExplainedModel {
  readonly model: PreferenceModel
  readonly shares: Shares
  readonly moves: Moves
  /** Labels of each contributor. */
  readonly labels: Int32Array
}

/** What a difference of two rewards is made of. Arrays run over `model.contributors`. */
export interface Explained {
  readonly difference: number
  /** |difference − Σ shares|. */
  readonly residual: number
  readonly addsUp: readonly number[]
  /** The difference that would remain without each contributor's labels. */
  readonly without: readonly number[]
  /** The same of the ensembles whose target does not split, taken together. */
  readonly ensemble: { readonly addsUp: number; readonly without: number }
}

/** Models at hand: explaining one costs a pass over its comparisons, and screens ask again and again. */
const loaded = new WeakMap<RecordAccess['memo'], Map<EventId, Promise<ExplainedModel>>>()
const modelsKept = 4

/** Loads a preference model and prepares its explanations; the last few stay in memory. */
export const explainedModel = (access: RecordAccess, id: EventId): Promise<ExplainedModel> => {
  const models = loaded.get(access.memo) ?? new Map<EventId, Promise<ExplainedModel>>()
  loaded.set(access.memo, models)
  const known = models.get(id) ?? prepare(access, id)
  models.delete(id)
  models.set(id, known)
  known.catch(() => models.delete(id))
  for (const oldest of [...models.keys()].slice(0, -modelsKept)) models.delete(oldest)
  return known
}

const prepare = async (access: RecordAccess, id: EventId): Promise<ExplainedModel> => {
  const model = await loadPreferenceModel(access, id)
  const { comparisons, head } = model
  return {
    model,
    shares: sharesOf(comparisons, head.theta, head.lambda),
    moves: withoutLabels(comparisons, head.theta, head.lambda),
    labels: labelsByContributor(comparisons),
  }
}

/** (f − g) / scale: the difference of two answers as the head sees it. */
export const scaledDifference = (
  { model: { head } }: ExplainedModel,
  features: ArrayLike<number>,
  reference: ArrayLike<number>,
): Float64Array => head.scale.map((scale, j) => (features[j]! - reference[j]!) / scale)

/**
 * Explains a difference of rewards.
 * @param difference as recorded: value − reference
 * @param u scaled features of the answer minus those of the reference
 */
export const explain = (
  { shares, moves }: ExplainedModel,
  difference: number,
  u: Float64Array,
): Explained => {
  const values = applyRows(shares, u)
  const without = Array.from(applyRows(moves, u), (move) => difference + move)
  return {
    difference,
    residual: Math.abs(values.reduce((sum, value) => sum + value, 0) - difference),
    addsUp: Array.from(values.subarray(0, -1)),
    without: without.slice(0, -1),
    ensemble: { addsUp: values.at(-1)!, without: without.at(-1)! },
  }
}

/** The difference when the head is really fitted again without one contributor's labels. */
export const refitted = ({ model }: ExplainedModel, contributor: number, u: Float64Array): number => {
  const { comparisons, head } = model
  return dot(u, 0, refitWithout(comparisons, contributor, head.theta, head.lambda).theta)
}

/** One label, and what it adds to a difference. */
export interface LabelShare {
  readonly contributor: number
  readonly label: number
  readonly contribution: number
}

/**
 * What single labels add to a difference: of each contributor the strongest few, then all of these by size.
 * @param toward `share`: those that speak as their contributor's whole share does; `answer`: those that speak for the answer
 */
export const strongestLabels = (
  { model }: ExplainedModel,
  explained: Explained,
  u: Float64Array,
  each: number,
  toward: 'share' | 'answer',
): readonly LabelShare[] => {
  const { comparisons, head } = model
  const probabilities = predicted(comparisons.differences, head.theta)
  const byContributor = model.contributors.map((): LabelShare[] => [])
  for (let i = 0; i < countOf(comparisons); i++) {
    const along = dot(comparisons.differences, i * comparisons.dimensions, u)
    for (const { contributor, label, alpha } of alphasOf(comparisons, i, probabilities[i]!, head.lambda))
      if (label !== undefined)
        byContributor[contributor]!.push({ contributor, label, contribution: alpha * along })
  }
  return byContributor
    .flatMap((labels, contributor) => {
      const direction = toward === 'share' && explained.addsUp[contributor]! < 0 ? -1 : 1
      return labels.toSorted((a, b) => direction * (b.contribution - a.contribution)).slice(0, each)
    })
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
}
