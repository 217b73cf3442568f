import type { BlobRef, Digest, EventId, Recorded } from '../../events/event.ts'
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
import { probabilityFirst, targetOf } from '../../lineage/attribution/targets.ts'
import { type EmbedRequest, isFailure } from '../../plugins/api.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { dialogueOf, membersOf } from '../prompt-items.ts'
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

  const { fitted, heldOut } = split(run, labels, settings.held_out)
  const set = await stage.form(
    'comparisons',
    fitted.map(({ id }) => id),
  )
  const heldOutSet =
    heldOut.length === 0
      ? undefined
      : await stage.form(
          'held_out',
          heldOut.map(({ id }) => id),
        )
  const features = await computeFeatures(stage, trunk, set, fitted, { before: 0, total: 2 * labels.length })
  if (heldOutSet !== undefined)
    await computeFeatures(stage, trunk, heldOutSet, heldOut, {
      before: 2 * fitted.length,
      total: 2 * labels.length,
    })
  const { model, blob } = await fit(stage, settings, { trunk, set, features, labels: fitted })
  return { model, blob, trunk, comparisons: set, heldOut: heldOutSet }
}

/** All labels in the order of their places' digests; the first share of another such order is held out. */
const split = (run: Run, labels: readonly Recorded[], share: number) => {
  const keyed = (purpose: string) => {
    const keys = labels.map(({ event: { draw } }) =>
      orderKey(run.seed, purpose, draw.subject, draw.round, draw.i),
    )
    return labels
      .map((label, k) => ({ label, key: keys[k]! }))
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.label.id < b.label.id ? -1 : 1))
      .map(({ label }) => label)
  }
  const held = new Set(keyed('held_out').slice(0, Math.floor(labels.length * share)))
  const ordered = keyed(subject)
  return {
    fitted: ordered.filter((label) => !held.has(label)),
    heldOut: ordered.filter((label) => held.has(label)),
  }
}

interface Features {
  readonly event: Recorded
  /** [comparisons, 2, dimensions], comparisons without features left out. */
  readonly values: Float32Array
  /** Positions in the set of the comparisons that have features. */
  readonly present: readonly number[]
}

/** The trunk's features of both answers of every comparison, as the answer to one recipe. */
const computeFeatures = async (
  stage: Stage,
  trunk: PolicyRef,
  set: EventId,
  labels: readonly Recorded[],
  progress: { readonly before: number; readonly total: number },
): Promise<Features> => {
  const { run } = stage
  const { model } = run.cast
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
    const out = known.event.out as unknown as { blob: BlobRef; failed?: readonly number[] }
    if (await run.blobs.has(out.blob.digest)) {
      stage.progress(progress.before + 2 * labels.length, progress.total, 'answers', {
        remembered: 2 * labels.length,
      })
      return presentOf(
        stage.use(known),
        readFloat32(await run.blobs.get(out.blob.digest)),
        labels.length,
        out.failed ?? [],
      )
    }
  }

  const policy = await openPolicy(run, trunk)
  const requests = await answersOf(run, labels)
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
      comparisons: labels.length,
      dimensions: model.dimensions,
      ...(missing.length === 0 ? {} : { failed: missing }),
    }),
  })
  return presentOf(event, values, labels.length, missing)
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

/** Both answers of each label's pair, after their prompt. */
const answersOf = async (run: Run, labels: readonly Recorded[]): Promise<readonly EmbedRequest[]> => {
  const pairs = await eventsOf(
    run,
    labels.map((label) => theParent(label, 'pair')),
  )
  const samples = await eventsOf(
    run,
    pairs.flatMap(({ event }) => event.parents.filter(({ role }) => role === 'sample').map(({ id }) => id)),
  )
  const prompts = await eventsOf(
    run,
    pairs.map((pair) => theParent(pair, 'prompt')),
  )
  const texts = await run.texts.of(samples)
  const asked = await run.texts.of(prompts)
  return texts.map((answer, k) => {
    const prompt = prompts[k >> 1]!
    return { dialogue: dialogueOf(asked[k >> 1]!, (prompt.event.out as { form?: unknown }).form), answer }
  })
}

interface Fitting {
  readonly trunk: PolicyRef
  readonly set: EventId
  readonly features: Features
  readonly labels: readonly Recorded[]
}

const fit = async (stage: Stage, settings: PreferenceSettings, { trunk, set, features, labels }: Fitting) => {
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
    params: { step: 1, start: 0, count: labels.length },
    parents: [
      { role: 'after', id: started.id },
      { role: 'features', id: features.event.id },
      { role: 'set', id: set },
    ],
    draw: { subject, round: 1, i: 0 },
  }
  const targets = Float64Array.from(
    await targetsOf(
      run,
      features.present.map((k) => labels[k]!),
      settings.target,
    ),
  )
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

/** P(first answer of the pair is better) of each label; a feedback model's in the form asked for, a person's as it is. */
const targetsOf = async (run: Run, labels: readonly Recorded[], form: PreferenceSettings['target']) => {
  const pairs = await eventsOf(
    run,
    labels.map((label) => theParent(label, 'pair')),
  )
  return labels.map((label, k) => {
    const probability = probabilityFirst(label.event, theParent(pairs[k]!, 'sample'))
    return 'orders' in label.event.out ? targetOf(probability, form) : probability
  })
}
