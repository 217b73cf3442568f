import type { Digest, EventId, Recorded } from '../../events/event.ts'
import { hansardBy, recipeOf, recordEvent } from '../../events/identity.ts'
import { orderKey } from '../../events/place.ts'
import { numOf } from '../../events/texts.ts'
import {
  checkpointSaved,
  featuresComputed,
  trainStarted,
  trainStepped,
} from '../../events/vocabulary/training.ts'
import { fitHead } from '../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale, readFloat32, writeFloat32 } from '../../lineage/attribution/features.ts'
import { digestOfHead, encodeHead, type Head } from '../../lineage/attribution/head.ts'
import { type LabelForm, probabilityFirst, targetOfComparison } from '../../lineage/attribution/targets.ts'
import { type EmbedRequest, isFailure } from '../../plugins/api.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { dialoguesOf, membersOf } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Run } from '../run-context.ts'
import type { Settings } from '../settings.ts'
import { ok, type Stage } from '../stage.ts'
import type { Labels } from './feedback.ts'

export interface Preference {
  /** The `checkpoint.saved` of the head: the preference model that rewards name. */
  readonly model: EventId
  readonly blob: Digest
  readonly trunk: PolicyRef
  /** Labels that it was fitted to, and those held out to measure agreement. */
  readonly comparisons: EventId
  readonly heldOut: EventId | undefined
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
  const labels: Recorded[] = []
  for (const { labels: set } of labelled)
    if (set !== undefined) labels.push(...(await eventsOf(run, await membersOf(run, set))))
  if (labels.length === 0) return undefined

  const { fitted, heldOut } = split(run, comparisonsOf(labels), settings.held_out)
  const set = await formOf(stage, 'comparisons', fitted)
  const heldOutSet = heldOut.length === 0 ? undefined : await formOf(stage, 'held_out', heldOut)
  const total = 2 * (fitted.length + heldOut.length)
  const features = await computeFeatures(stage, trunk, fitted, { before: 0, total })
  if (heldOut.length > 0) await computeFeatures(stage, trunk, heldOut, { before: 2 * fitted.length, total })
  if (labels.some(isUnasked)) run.rehearsal?.end(stage, 0)
  const { model, blob } = await fit(stage, settings, { trunk, set, features, comparisons: fitted })
  return { model, blob, trunk, comparisons: set, heldOut: heldOutSet }
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

interface Features {
  readonly event: Recorded
  /** [comparisons, 2, dimensions], comparisons without features left out. */
  readonly values: Float32Array
  /** Positions of the comparisons that have features. */
  readonly present: readonly number[]
}

/**
 * The trunk's features of both answers of every pair, as the answer to one recipe. It names no label: whoever asks
 * labels again under another constitution needs no new features.
 */
const computeFeatures = async (
  stage: Stage,
  trunk: PolicyRef,
  comparisons: readonly Comparison[],
  progress: { readonly before: number; readonly total: number },
): Promise<Features> => {
  const { run } = stage
  const { model } = run.cast
  const pairs = comparisons.map(({ pair }) => pair)
  const set = await stage.form('pairs', pairs)
  const question = {
    by: model.by,
    params: { pooling: model.pooling },
    parents: [
      { role: 'policy', id: trunk.event },
      { role: 'set', id: set },
    ],
    draw: { subject: featuresComputed.type, round: 0, i: 0 },
  }
  const [known] = await run.memo.answers([recipeOf({ type: featuresComputed.type, ...question })])
  if (known) {
    const out = outcomeOf(featuresComputed, known.event)!
    if (await run.blobs.has(out.blob.digest)) {
      const all = 2 * pairs.length
      stage.progress(progress.before + all, progress.total, 'answers', { remembered: all })
      return presentOf(
        stage.use(known),
        readFloat32(await run.blobs.get(out.blob.digest)),
        pairs.length,
        out.failed ?? [],
      )
    }
  }

  run.rehearsal?.end(stage, progress.total - progress.before)
  const policy = await openPolicy(run, trunk)
  const requests = await pairAnswers(run, pairs)
  const values = new Float32Array(requests.length * model.dimensions).fill(Number.NaN)
  const failed = new Set<number>()
  run.modelCalls += requests.length
  let done = 0
  for await (const { index, answer } of policy.embed(requests, run.signal)) {
    if (isFailure(answer)) failed.add(index >> 1)
    else values.set(answer.features, index * model.dimensions)
    stage.progress(progress.before + ++done, progress.total, 'answers', { asked: done })
  }
  await run.unlessStopped()
  const missing = [...failed].toSorted((a, b) => a - b)
  const blob = await run.blobs.put(writeFloat32(values))
  const event = await stage.stateOne(featuresComputed, {
    ...question,
    out: ok({
      blob: { ...blob },
      comparisons: pairs.length,
      dimensions: model.dimensions,
      ...(missing.length === 0 ? {} : { failed: missing }),
    }),
  })
  return presentOf(event, values, pairs.length, missing)
}

const presentOf = (
  event: Recorded,
  values: Float32Array,
  comparisons: number,
  failed: readonly number[],
): Features => {
  const absent = new Set(failed)
  const present = Array.from({ length: comparisons }, (_, k) => k).filter((k) => !absent.has(k))
  if (failed.length === 0) return { event, values, present }
  const width = values.length / comparisons
  const rest = new Float32Array(present.length * width)
  present.forEach((k, row) => rest.set(values.subarray(k * width, (k + 1) * width), row * width))
  return { event, values: rest, present }
}

/** Both answers of each pair, after their prompt. */
export const pairAnswers = async (
  run: Pick<Run, 'memo' | 'texts'>,
  ids: readonly EventId[],
): Promise<readonly EmbedRequest[]> => {
  const pairs = await eventsOf(run, ids)
  const samples = await eventsOf(
    run,
    pairs.flatMap(({ event }) => event.parents.filter(({ role }) => role === 'sample').map(({ id }) => id)),
  )
  const prompts = await eventsOf(
    run,
    pairs.map((pair) => theParent(pair, 'prompt')),
  )
  const texts = await run.texts.of(samples)
  const dialogues = await dialoguesOf(run.texts, prompts)
  return texts.map((answer, k) => ({ dialogue: dialogues[k >> 1]!, answer }))
}

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
