import { isFailure } from '../../plugins/api.ts'
import { fitHead } from '../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale } from '../../lineage/attribution/features.ts'
import { digestOfHead } from '../../lineage/attribution/head.ts'
import { eventsOf, membersOf, theParent } from '../../lineage/record.ts'
import { pairAnswers } from '../stages/pair-features.ts'
import { comparisonsOf, targetOf } from '../stages/preference.ts'
import { compareSteps, type RecordedTraining, type ReplayAccess, type Replayed } from './training.ts'
import type { LabelForm } from '../../lineage/attribution/targets.ts'

/** Computes the features again by the replayed trunk and fits the head again on the recorded labels. */
export const replayPreference = async (
  access: ReplayAccess,
  training: RecordedTraining,
  trunk: Uint8Array | undefined,
): Promise<Replayed> => {
  const { home, graph, texts, model, signal } = access
  const { started, steps } = training
  const reader = { ...home, graph }
  const { lambda, target } = started.event.params['settings'] as {
    readonly lambda: number
    readonly target: LabelForm
  }
  const labels = await eventsOf(home, await membersOf(reader, theParent(started, 'set')))
  const comparisons = comparisonsOf(labels)
  const policy = trunk === undefined ? model.base : await model.at({ bytes: trunk })
  const requests = await pairAnswers(
    { memo: home.memo, texts },
    comparisons.map(({ pair }) => pair),
  )
  const { dimensions, pooling } = model
  const values = new Float32Array(requests.length * dimensions)
  const failed = new Set<number>()
  let done = 0
  for await (const { index, answer } of policy.embed(requests, signal)) {
    if (isFailure(answer)) failed.add(index >> 1)
    else values.set(answer.features, index * dimensions)
    access.progress(started.event.draw.subject, ++done, requests.length)
  }
  const present = comparisons.filter((_, k) => !failed.has(k))
  const kept = new Float32Array(present.length * 2 * dimensions)
  comparisons
    .flatMap((_, k) => (failed.has(k) ? [] : [k]))
    .forEach((k, row) =>
      kept.set(values.subarray(k * 2 * dimensions, (k + 1) * 2 * dimensions), row * 2 * dimensions),
    )
  const scale = fitScale(kept, dimensions)
  const { theta } = fitHead({
    differences: differencesOf(kept, scale),
    targets: Float64Array.from(present, (comparison) => targetOf(comparison, target)),
    lambda,
  })
  return compareSteps({ started, steps }, 'preference', [
    digestOfHead({ dimensions, pooling, lambda, scale, theta }),
  ])
}
