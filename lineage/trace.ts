import type { EventId } from '../events/event.ts'
import { principleDefined } from '../events/vocabulary/governance.ts'
import { rewardScored } from '../events/vocabulary/reinforcement.ts'
import { numFrom } from '../events/texts.ts'
import {
  explain,
  explainedModel,
  refitted,
  scaledDifference,
  type Explained,
  type ExplainedModel,
} from './attribution/explained-model.ts'
import { answersInView } from './answers-in-view.ts'
import {
  columnOf,
  constitutionOf,
  sharesInView,
  type ConstitutionInView,
  type SharesInView,
} from './contributors.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import type { AsOf } from './projector.ts'
import { eventOf, eventsOf, parentOf, parentsOf, type RecordAccess } from './record.ts'
import { groupOf, pairedRewards, preferenceModelOf, type RewardGroup } from './reward-group.ts'
import { runOf } from './run-of.ts'
import { meanOf, scoredAnswers, type ScoredAnswer } from './scored-answers.ts'
import { labelsOn, strongestInView } from './strongest-labels.ts'
import { NothingToExplain } from './trace-errors.ts'
import { pathOf } from './trace-path.ts'
import type { DirectComponent, PreferenceModelInView, Reference, Retrained, Trace } from './trace-types.ts'
import { trustOf } from './trust.ts'

export interface TraceOptions {
  /** How far the projection had come. */
  readonly asOf: AsOf
  /** Another reward to explain the difference from, instead of the group's mean or the pair's other answer. */
  readonly against?: EventId
  /** Keys of principles (or `human`) to fit the head again without. */
  readonly retrain?: readonly string[]
}

/** What the last column of a trace holds fixed. */
export const heldFixed = ['features', 'pairs', 'policy', 'rollouts'] as const

/**
 * Why one answer's reward differs from its group's mean, or from another answer's: by principle and for human labels, by
 * arithmetic and by what would remain without their labels; with the labels behind it and its whole path.
 * @param id of a reward.scored
 * @throws NothingToExplain where it is none, failed, or has nothing to be compared with
 */
export const trace = async (access: RecordAccess, id: EventId, options: TraceOptions): Promise<Trace> => {
  const scored = await rewardToExplain(access, id)
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

/** @throws NothingToExplain */
export const rewardToExplain = async (access: RecordAccess, id: EventId): Promise<ScoredAnswer> => {
  const reward = await eventOf(access, id)
  if (reward.event.type !== rewardScored.type)
    throw new NothingToExplain(
      `${id.slice(0, 12)} is a ${reward.event.type}, not a reward.scored`,
      'list rewards with `hansard trace`, or with `hansard events --type reward.scored`',
    )
  const [scored] = await scoredAnswers(access, [id])
  if (scored === undefined || !Number.isFinite(scored.value))
    throw new NothingToExplain(
      `the reward ${id.slice(0, 12)} ${scored === undefined ? 'failed' : 'is not a finite number'}: there is no difference to explain`,
      'list rewards with `hansard trace`',
    )
  return scored
}

/** What a reward is compared with: the numbers, and the features behind them. */
interface Compared {
  readonly reference: Reference
  readonly others: readonly ScoredAnswer[]
  readonly group: RewardGroup | undefined
}

const comparedWith = async (
  access: RecordAccess,
  scored: ScoredAnswer,
  against: EventId | undefined,
): Promise<Compared> => {
  const group = await groupOf(access, scored)
  if (against !== undefined) {
    const other = await rewardToExplain(access, against)
    if (preferenceModelOf(other) !== preferenceModelOf(scored))
      throw new NothingToExplain(
        `${against.slice(0, 12)} is the reward of another preference model: their difference means nothing`,
        'name a reward of the same preference model',
      )
    return {
      reference: referenceOf('other answer', [other], 'the reward that was named'),
      others: [other],
      group,
    }
  }
  if (group !== undefined) {
    const finite = group.rewards.filter(({ value }) => Number.isFinite(value))
    const left = group.rewards.length - finite.length
    const note = `mean of its group of ${finite.length}${left === 0 ? '' : `; ${left} without a finite reward left out`}`
    return { reference: referenceOf('group mean', finite, note), others: finite, group }
  }
  const [other] = (await pairedRewards(access, scored)).filter(({ value }) => Number.isFinite(value))
  if (other === undefined)
    throw new NothingToExplain(
      `the reward ${scored.reward.id.slice(0, 12)} belongs to no group and to no pair whose other answer was scored`,
      `name a reward to compare it with: hansard trace ${scored.reward.id.slice(0, 12)} --against ID`,
    )
  return {
    reference: referenceOf('other answer', [other], 'the other answer of its pair'),
    others: [other],
    group,
  }
}

const referenceOf = (kind: Reference['kind'], rewards: readonly ScoredAnswer[], note: string): Reference => ({
  kind,
  value: rewards.reduce((sum, { value }) => sum + value, 0) / rewards.length,
  rewards: rewards.map(({ reward }) => reward.id),
  note,
})

type Explanation = SharesInView &
  Pick<Trace, 'residual' | 'strongest' | 'labelsOnThisPrompt' | 'direct' | 'preferenceModel' | 'retrained'>

const explainFitted = async (
  access: RecordAccess,
  explainable: ExplainedModel,
  scored: ScoredAnswer,
  { reference, others }: Compared,
  constitution: ConstitutionInView | undefined,
  retrain: readonly string[],
): Promise<Explanation> => {
  const u = scaledDifference(explainable, scored.features!, meanOf(others.map(({ features }) => features!)))
  const explained = explain(explainable, scored.value - reference.value, u)
  return {
    ...sharesInView(constitution, explainable, explained),
    residual: explained.residual,
    strongest: await strongestInView(access, explainable, explained, u),
    labelsOnThisPrompt: labelsOn(explainable, scored.reward.event.draw.subject),
    direct: [],
    preferenceModel: preferenceModelInView(explainable),
    retrained: retrain.map((key) => retrainedWithout(explainable, explained, u, key)),
  }
}

export const preferenceModelInView = ({ model }: ExplainedModel): PreferenceModelInView => ({
  id: model.id,
  comparisons: model.comparisons.starts.length - 1,
  labels: model.labels.length,
  lambda: model.head.lambda,
  target: model.comparisons.form,
  gradientNorm: model.gradientNorm,
})

/** @throws NothingToExplain where nobody of that name labelled anything */
export const retrainedWithout = (
  explainable: ExplainedModel,
  explained: Explained,
  u: Float64Array,
  key: string,
): Retrained => {
  const column = columnOf(explainable, key)
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

/** A reward that is the sum of parts which name their principle: each part is the cause of its number. */
const explainDirect = async (
  access: RecordAccess,
  scored: ScoredAnswer,
  { reference, others }: Compared,
  constitution: ConstitutionInView | undefined,
): Promise<Explanation> => {
  const difference = scored.value - reference.value
  const named = await eventsOf(access, parentsOf(scored.reward, 'principle'))
  const idOf = new Map(named.map(({ id, event }) => [paramsOf(principleDefined, event).key, id]))
  const partsOf = ({ reward }: ScoredAnswer): ReadonlyMap<string, DirectComponent> =>
    new Map(
      (outcomeOf(rewardScored, reward.event)?.components ?? []).map(({ name, value, weight }) => [
        name,
        {
          name,
          principle: idOf.get(name),
          value: numFrom(value),
          weight: weight === undefined ? undefined : numFrom(weight),
        },
      ]),
    )
  const weighed = (part: DirectComponent | undefined): number =>
    part === undefined ? 0 : part.value * (part.weight ?? 1)
  const direct = [...partsOf(scored).values()]
  const references = others.map(partsOf)
  const shareOf = (name: string): number => {
    const mean = references.reduce((sum, parts) => sum + weighed(parts.get(name)), 0) / references.length
    return weighed(direct.find((part) => part.name === name)) - mean
  }
  const listed = constitution?.principles ?? []
  const known = new Set(listed.map(({ id }) => id))
  const others_ = [...idOf].flatMap(([key, id]) => (known.has(id) ? [] : [{ key, id }]))
  const principles = [...listed, ...others_].map(({ key, id }) => {
    const share = idOf.get(key) === id ? shareOf(key) : 0
    return {
      key,
      id,
      labels: 0,
      addsUp: share,
      withoutItsLabels: difference - share,
      inConstitution: known.has(id),
    }
  })
  return {
    principles,
    human: { labels: 0, addsUp: 0, withoutItsLabels: difference, who: 'nobody' },
    residual: Math.abs(principles.reduce((sum, { addsUp }) => sum + addsUp, 0) - difference),
    strongest: [],
    labelsOnThisPrompt: [],
    direct,
    preferenceModel: undefined,
    retrained: [],
  }
}
