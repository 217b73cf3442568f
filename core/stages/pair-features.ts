import type { EventId, Recorded } from '../../events/event.ts'
import { recipeOf } from '../../events/identity.ts'
import { featuresComputed } from '../../events/vocabulary/training.ts'
import { readFloat32, writeFloat32 } from '../../lineage/attribution/features.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { type EmbedRequest, isFailure } from '../../plugins/api.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { dialoguesOf } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import { ok, type Stage } from '../stage.ts'

/** The features of both answers of some pairs. */
export interface Features {
  readonly event: Recorded
  /** [pairs, 2, dimensions], pairs without features left out. */
  readonly values: Float32Array
  /** Positions of the pairs that have features. */
  readonly present: readonly number[]
}

/**
 * The trunk's features of both answers of every pair, as the answer to one recipe. It names no label: whoever asks
 * labels again under another constitution needs no new features.
 */
export const computeFeatures = async (
  stage: Stage,
  trunk: PolicyRef,
  pairs: readonly EventId[],
  progress: { readonly before: number; readonly total: number },
): Promise<Features> => {
  const { run } = stage
  const { model } = run.cast
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
  pairs: number,
  failed: readonly number[],
): Features => {
  const absent = new Set(failed)
  const present = Array.from({ length: pairs }, (_, k) => k).filter((k) => !absent.has(k))
  if (failed.length === 0) return { event, values, present }
  const width = values.length / pairs
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
