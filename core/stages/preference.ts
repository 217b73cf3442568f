import type { Digest, EventId, Recorded } from '../../events/event.ts'
import { hansardBy, recordEvent } from '../../events/identity.ts'
import { orderKey } from '../../events/place.ts'
import { numOf } from '../../events/texts.ts'
import { checkpointSaved, trainStarted, trainStepped } from '../../events/vocabulary/training.ts'
import { fitHead } from '../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale } from '../../lineage/attribution/features.ts'
import { digestOfHead, encodeHead, type Head } from '../../lineage/attribution/head.ts'
import { type LabelForm, probabilityFirst, targetOfComparison } from '../../lineage/attribution/targets.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import type { PolicyRef } from '../policies.ts'
import { membersOf } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Run } from '../run-context.ts'
import type { Settings } from '../settings.ts'
import { ok, type Stage } from '../stage.ts'
import type { Labels } from './feedback.ts'
import { computeFeatures, type Features } from './pair-features.ts'

export interface Preference {
  /** The `checkpoint.saved` of the head: the preference model that rewards name. */
  readonly model: EventId
  readonly blob: Digest
  readonly trunk: PolicyRef
  /** Labels that it was fitted to, and those held out to measure agreement. */
  readonly comparisons: EventId
  readonly heldOut: EventId | undefined
  /** The `features.computed` of all their pairs. */
  readonly features: readonly EventId[]
}

const subject = 'preference'
type PreferenceSettings = Exclude<Settings['preference'], false>

/**
 * Section 4.1 of the paper: one preference model on AI harmlessness labels and helpfulness comparisons. Its features are
 * those of a frozen trunk, which has seen no label; its last layer is solved to the optimum, so that every reward is
 * exactly a sum over comparisons.
 */
export const fitPreference = async (
  stage: Stage,
  trunk: PolicyRef,
  labelled: readonly Labels[],
): Promise<Preference | undefined> => {
  const { run } = stage
  const settings = run.settings.preference
  if (settings === false) return undefined
  const kinds: (readonly Recorded[])[] = []
  for (const { labels: set } of labelled)
    if (set !== undefined) kinds.push(await eventsOf(run, await membersOf(run, set)))
  const labels = kinds.flat()
  if (labels.length === 0) return undefined

  const { fitted, heldOut } = split(run, comparisonsOf(labels), settings.held_out)
  const set = await formOf(stage, 'comparisons', fitted)
  const heldOutSet = heldOut.length === 0 ? undefined : await formOf(stage, 'held_out', heldOut)
  const total = 2 * (fitted.length + heldOut.length)
  const pairsOf = (comparisons: readonly Comparison[]) => comparisons.map(({ pair }) => pair)
  const features = await computeFeatures(stage, trunk, pairsOf(fitted), { before: 0, total })
  const more =
    heldOut.length === 0
      ? []
      : [await computeFeatures(stage, trunk, pairsOf(heldOut), { before: 2 * fitted.length, total })]
  if (labels.some(isUnasked)) run.rehearsal?.end(stage, 0)
  if (features.present.length === 0) return undefined
  const { model, blob } = await fit(stage, settings, { trunk, set, features, comparisons: fitted })
  return {
    model,
    blob,
    trunk,
    comparisons: set,
    heldOut: heldOutSet,
    features: [features, ...more].map(({ event }) => event.id),
  }
}

/** A pair and its labels: one, or one for each principle of an ensemble. Its target is their mean. */
export interface Comparison {
  readonly pair: EventId
  readonly labels: readonly Recorded[]
}

export const comparisonsOf = (labels: readonly Recorded[]): readonly Comparison[] =>
  [...Map.groupBy(labels, (label) => theParent(label, 'pair'))].map(([pair, of]) => ({ pair, labels: of }))

/** All comparisons in the order of their places' digests; the first share of another such order is held out. */
const split = (run: Run, comparisons: readonly Comparison[], share: number) => {
  const keyed = (purpose: string) =>
    comparisons
      .map((comparison) => {
        const { draw } = comparison.labels[0]!.event
        return {
          comparison,
          key: orderKey(run.seed, purpose, draw.subject, draw.round, draw.i) + comparison.pair,
        }
      })
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ comparison }) => comparison)
  const held = new Set(keyed('held_out').slice(0, Math.floor(comparisons.length * share)))
  const ordered = keyed(subject)
  return { fitted: ordered.filter((one) => !held.has(one)), heldOut: ordered.filter((one) => held.has(one)) }
}

const formOf = (stage: Stage, purpose: 'comparisons' | 'held_out', comparisons: readonly Comparison[]) =>
  stage.form(
    purpose,
    comparisons.flatMap(({ labels }) => labels.map(({ id }) => id)),
  )

interface Fitting {
  readonly trunk: PolicyRef
  readonly set: EventId
  readonly features: Features
  readonly comparisons: readonly Comparison[]
}

const fit = async (
  stage: Stage,
  settings: PreferenceSettings,
  { trunk, set, features, comparisons }: Fitting,
) => {
  const { run } = stage
  const { pooling, dimensions } = run.cast.model
  const scale = fitScale(features.values, dimensions)
  const draw = { subject, round: 0, i: 0 }
  const zero: Head = {
    dimensions,
    pooling,
    lambda: settings.lambda,
    scale,
    theta: new Float64Array(dimensions),
  }
  const started = await stage.stateOne(trainStarted, {
    by: hansardBy,
    params: { method: 'preference', settings: { lambda: settings.lambda, target: settings.target } },
    parents: [
      { role: 'policy', id: trunk.event },
      { role: 'set', id: set },
    ],
    draw,
    out: ok({ weights: digestOfHead(zero) }),
  })
  const step = {
    by: hansardBy,
    params: { step: 1, start: 0, count: comparisons.reduce((sum, { labels }) => sum + labels.length, 0) },
    parents: [
      { role: 'after', id: started.id },
      { role: 'features', id: features.event.id },
      { role: 'set', id: set },
    ],
    draw: { subject, round: 1, i: 0 },
  }
  const targets = Float64Array.from(features.present, (k) => targetOf(comparisons[k]!, settings.target))
  const { theta, iterations, gradientNorm, lossNats } = fitHead({
    differences: differencesOf(features.values, scale),
    targets,
    lambda: settings.lambda,
  })
  const head: Head = { ...zero, theta }
  const stepped = await stage.stateOne(trainStepped, {
    ...step,
    out: ok({
      loss_nats: numOf(lossNats),
      learning_rate: 0,
      gradient_norm: numOf(gradientNorm),
      tokens: 0,
      iterations,
      weights: digestOfHead(head),
    }),
  })
  const blob = await run.blobs.put(encodeHead(head))
  const saved = recordEvent(checkpointSaved, {
    by: hansardBy,
    params: { kind: 'preference_model' },
    parents: [{ role: 'step', id: stepped.id }],
    draw: { subject, round: 1, i: 0 },
    out: ok({ blob: { ...blob }, weights: digestOfHead(head) }),
  })
  await run.recordAll([saved])
  return { model: stage.use(saved).id, blob: blob.digest }
}

/** P(first answer of the pair is better): the mean of its labels, a feedback model's in the form asked for, a person's as it is. */
export const targetOf = ({ labels }: Comparison, form: LabelForm): number => {
  const probabilities = labels.map(({ event }) => probabilityFirst(event))
  const asked = labels.some(({ event }) => 'orders' in event.out)
  return targetOfComparison(probabilities, asked ? form : 'soft')
}
