import type { EventId } from '../events/event.ts'
import {
  explain,
  explainedModel,
  refitted,
  scaledDifference,
  type Explained,
  type ExplainedModel,
} from './attribution/explained-model.ts'
import { answersInView } from './answers-in-view.ts'
import { columnOf, constitutionOf, sharesInView, type ConstitutionInView } from './contributors.ts'
import { explainDirect } from './direct-reward.ts'
import type { AsOf } from './projector.ts'
import { eventOf, parentOf, type RecordAccess } from './record.ts'
import { preferenceModelOf } from './reward-group.ts'
import { comparedWith, rewardToExplain, type Compared } from './reward-reference.ts'
import { runOf } from './run-of.ts'
import { meanOf, type ScoredAnswer } from './scored-answers.ts'
import { labelsOn, strongestInView } from './strongest-labels.ts'
import { NothingToExplain } from './trace-errors.ts'
import { pathOf } from './trace-path.ts'
import type { Explanation, PreferenceModelInView, Retrained, Trace } from './trace-types.ts'
import { trustOf } from './trust.ts'

export interface TraceOptions {
  /** How far the projection had come. */
  readonly asOf: AsOf
  /** Another reward (or an answer that has one) to explain the difference from, instead of the group's mean or the pair's other answer. */
  readonly against?: EventId
  /** Keys of principles (or `human`) to fit the head again without. */
  readonly retrain?: readonly string[]
}

/** What the last column of a trace holds fixed. */
export const heldFixed = ['features', 'pairs', 'policy', 'rollouts'] as const

/**
 * Why one answer's reward differs from its group's mean, or from another answer's: by principle and for human labels, by
 * arithmetic and by what would remain without their labels; with the labels behind it and its whole path.
 * @param named id of a reward.scored, or of an answer that has a reward
 * @throws NothingToExplain where it is none, failed, or has nothing to be compared with
 */
export const trace = async (access: RecordAccess, named: EventId, options: TraceOptions): Promise<Trace> => {
  const scored = await rewardToExplain(access, named)
  const { id } = scored.reward
  const trusting = trustOf({ pool: access.graph.pool, memo: access.memo }, options.asOf, [id])
  trusting.catch(() => undefined)
  const modelId = preferenceModelOf(scored)
  const [compared, explainable, run] = await Promise.all([
    comparedWith(access, scored, options.against),
    modelId === undefined ? undefined : explainedModel(access, modelId),
    runOf(access, id),
  ])
  const constitution = run === undefined ? undefined : await constitutionOf(access, run)
  const difference = scored.value - compared.reference.value
  const explanation =
    explainable === undefined
      ? await explainDirect(access, scored, compared, constitution)
      : await explainFitted(access, explainable, scored, compared, constitution, options.retrain ?? [])
  const answer = await eventOf(access, scored.answer)
  const [inView, path, trust] = await Promise.all([
    answersInView(access, [scored.answer]),
    pathOf(access, { reward: scored.reward, answer, explainable, constitution }),
    trusting,
  ])
  return {
    reward: { id, value: scored.value },
    reference: compared.reference,
    difference,
    ...explanation,
    path,
    answer: inView.get(scored.answer)!,
    run: run?.id,
    constitution: constitution && {
      id: constitution.id,
      name: constitution.name,
      version: constitution.version,
    },
    training: compared.group && { name: compared.group.step.training, step: compared.group.step.step },
    policy: parentOf(answer, 'policy'),
    heldFixed,
    trust,
  }
}

const explainFitted = async (
  access: RecordAccess,
  explainable: ExplainedModel,
  scored: ScoredAnswer,
  { reference, others }: Compared,
  constitution: ConstitutionInView | undefined,
  retrain: readonly string[],
): Promise<Explanation> => {
  const u = scaledDifference(explainable, featuresOf(scored), meanOf(others.map(featuresOf)))
  const explained = explain(explainable, scored.value - reference.value, u)
  return {
    ...sharesInView(constitution, explainable, explained),
    residual: explained.residual,
    strongest: await strongestInView(access, explainable, explained, u),
    labelsOnThisPrompt: labelsOn(explainable, scored.reward.event.draw.subject),
    direct: [],
    preferenceModel: preferenceModelInView(explainable),
    retrained: retrain.map((key) => retrainedWithout(explainable, explained, u, key, constitution)),
  }
}

const featuresOf = ({ reward, features }: ScoredAnswer): Float32Array => {
  if (features !== undefined) return features
  throw new NothingToExplain(
    `the reward ${reward.id.slice(0, 12)} was recorded without the features that it was computed from`,
    'trace a reward that has them',
  )
}

export const preferenceModelInView = ({ model }: ExplainedModel): PreferenceModelInView => ({
  id: model.id,
  comparisons: model.comparisons.starts.length - 1,
  labels: model.labels.length,
  lambda: model.head.lambda,
  target: model.comparisons.form,
  gradientNorm: model.gradientNorm,
})

/**
 * The difference when the head is really fitted again without a contributor's labels; unchanged for a principle of the
 * constitution that has none.
 * @throws NothingToExplain where nobody of that name is known
 */
export const retrainedWithout = (
  explainable: ExplainedModel,
  explained: Explained,
  u: Float64Array,
  key: string,
  constitution: ConstitutionInView | undefined,
): Retrained => {
  const column = columnOf(explainable, key)
  if (column < 0 && constitution?.principles.some((principle) => principle.key === key))
    return { without: key, difference: explained.difference, newton: explained.difference }
  if (column < 0)
    throw new NothingToExplain(
      `no label of this preference model was given under "${key}"`,
      `name one of: ${explainable.model.contributors.map((contributor) => contributor.key).join(', ')}`,
    )
  return {
    without: explainable.model.contributors[column]!.key,
    difference: refitted(explainable, column, u),
    newton: explained.without[column]!,
  }
}
