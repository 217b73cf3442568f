import { beforeAll, describe, expect, it } from 'vitest'
import type { EventId, Recorded } from '../../../events/event.ts'
import { hansardBy } from '../../../events/identity.ts'
import { labelAssigned } from '../../../events/vocabulary/feedback.ts'
import { rewardScored } from '../../../events/vocabulary/reinforcement.ts'
import {
  checkpointSaved,
  featuresComputed,
  trainStarted,
  trainStepped,
} from '../../../events/vocabulary/training.ts'
import { fitHead } from '../../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale, writeFloat32 } from '../../../lineage/attribution/features.ts'
import { digestOfHead, encodeHead, rewardOf, type Head } from '../../../lineage/attribution/head.ts'
import { loadPreferenceModel } from '../../../lineage/attribution/preference-model.ts'
import { targetOfComparison, type LabelForm } from '../../../lineage/attribution/targets.ts'
import { Graph } from '../../../lineage/graph.ts'
import { project, type AsOf } from '../../../lineage/projector.ts'
import type { RecordAccess } from '../../../lineage/record.ts'
import { trace } from '../../../lineage/trace.ts'
import { ok } from '../fixture-recorder.ts'
import { fixtureRun } from '../fixture-run.ts'
import { by } from '../fixture-supervised.ts'
import { share } from '../fixture-words.ts'
import { useHome } from '../lineage-home.ts'

const held = useHome()
const { recorder, byType } = fixtureRun({ sealed: false })
const dimensions = 5
/** The trunk gave no features for this pair: its comparison takes no part. */
const absent = 2
const pairs = (): readonly Recorded[] =>
  byType
    .get('pair.formed')!
    .slice(0, 12)
    .map((id) => recorder.entries.find((one) => one.recorded.id === id)!.recorded)
const samplesOf = ({ event }: Recorded): readonly EventId[] =>
  event.parents.filter(({ role }) => role === 'sample').map(({ id }) => id)
const probabilityOf = (pair: Recorded, principle: EventId): number =>
  0.05 + 0.9 * share('says', pair.id, principle)

/** One label of every principle on every pair, pair by pair. */
const labels = (): readonly Recorded[] =>
  pairs().flatMap((pair) =>
    byType.get('principle.defined')!.map((principle) => {
      const p = probabilityOf(pair, principle)
      return recorder.record(labelAssigned, {
        by,
        params: { method: 'choice_logprobs', orders: ['ab'] },
        parents: [
          { role: 'pair', id: pair.id },
          { role: 'principle', id: principle },
        ],
        draw: { ...pair.event.draw, round: 9 },
        out: ok({
          orders: [
            {
              first: samplesOf(pair)[0]!,
              logprob_first_nats: Math.log(p),
              logprob_second_nats: Math.log(1 - p),
            },
          ],
        }),
      })
    }),
  )

interface Fitted {
  readonly model: EventId
  readonly rewards: readonly EventId[]
}

/** A head fitted to the means of each pair's labels in one form, and two answers that it rewards. */
const fit = (form: LabelForm, all: readonly Recorded[]): Fitted => {
  const values = Float32Array.from({ length: 12 * 2 * dimensions }, (_, at) =>
    Math.floor(at / (2 * dimensions)) === absent ? Number.NaN : share('f', at) - 0.5,
  )
  const present = values.filter((value) => !Number.isNaN(value))
  const features = recorder.record(featuresComputed, {
    by,
    params: { pooling: 'mean' },
    parents: [
      { role: 'policy', id: byType.get('model.registered')![0]! },
      { role: 'set', id: recorder.set('pairs', pairs()) },
    ],
    draw: { subject: 'features.computed', round: 0, i: 0 },
    out: ok({ blob: recorder.blob(writeFloat32(values)), comparisons: 12, dimensions, failed: [absent] }),
  })
  const scale = fitScale(present, dimensions)
  const targets = pairs()
    .filter((_, at) => at !== absent)
    .map((pair) =>
      targetOfComparison(
        byType.get('principle.defined')!.map((one) => probabilityOf(pair, one)),
        form,
      ),
    )
  const { theta } = fitHead({
    differences: differencesOf(present, scale),
    targets: Float64Array.from(targets),
    lambda: 0.5,
  })
  const head: Head = { dimensions, pooling: 'mean', lambda: 0.5, scale, theta }
  const set = recorder.set('comparisons', all)
  const draw = { subject: `preference ${form}`, round: 0, i: 0 }
  const started = recorder.record(trainStarted, {
    by: hansardBy,
    params: { method: 'preference', settings: { lambda: 0.5, target: form } },
    parents: [
      { role: 'policy', id: byType.get('model.registered')![0]! },
      { role: 'set', id: set },
    ],
    draw,
    out: ok({ weights: digestOfHead(head) }),
  })
  const stepped = recorder.record(trainStepped, {
    by: hansardBy,
    params: { step: 1, start: 0, count: all.length },
    parents: [
      { role: 'after', id: started.id },
      { role: 'features', id: features.id },
      { role: 'set', id: set },
    ],
    draw,
    out: ok({ loss_nats: 1, learning_rate: 0, gradient_norm: 0, tokens: 0 }),
  })
  const saved = recorder.record(checkpointSaved, {
    by: hansardBy,
    params: { kind: 'preference_model' },
    parents: [{ role: 'step', id: stepped.id }],
    draw,
    out: ok({ blob: recorder.blob(encodeHead(head)), weights: digestOfHead(head) }),
  })
  const rewards = samplesOf(pairs()[0]!).map((answer, side) => {
    const vector = Float32Array.from({ length: dimensions }, (_, j) => share('answer', side, j))
    return recorder.record(rewardScored, {
      by: hansardBy,
      params: { mode: 'preference_model' },
      parents: [
        { role: 'answer', id: answer },
        { role: 'preference_model', id: saved.id },
      ],
      draw: { subject: pairs()[0]!.event.draw.subject, round: 0, i: side },
      out: ok({
        value: rewardOf(head, vector),
        features: Buffer.from(writeFloat32(vector)).toString('base64'),
      }),
    }).id
  })
  return { model: saved.id, rewards }
}

let access: RecordAccess
let asOf: AsOf
let soft: Fitted
let hard: Fitted

beforeAll(async () => {
  const all = labels()
  soft = fit('soft', all)
  hard = fit('hard', all)
  await recorder.appendTo(held.home)
  asOf = await project(held.home)
  access = { memo: held.home.memo, blobs: held.home.blobs, graph: new Graph(held.home.pool) }
})

describe('a preference model fitted to ensembles', () => {
  it('has one comparison a pair, without those that the trunk gave no features for', async () => {
    const { comparisons, labels: used } = await loadPreferenceModel(access, soft.model)
    expect(comparisons.starts).toHaveLength(12)
    expect(used).toHaveLength(11 * 4)
    expect(comparisons.contributors).toHaveLength(4)
  })

  it('splits an averaged target over its principles, whose shares add up', async () => {
    const traced = await trace(access, soft.rewards[0]!, { asOf })
    expect(traced.ensemble).toBeUndefined()
    const sum = traced.principles.reduce((total, { addsUp }) => total + addsUp, 0)
    expect(Math.abs(sum - traced.difference)).toBeLessThan(1e-9)
    for (const { labels: given, addsUp } of traced.principles) {
      expect(given).toBe(11)
      expect(addsUp).not.toBe(0)
    }
  })

  it('keeps a hard target whole, and still says what would be without one principle’s labels', async () => {
    const traced = await trace(access, hard.rewards[0]!, { asOf, retrain: ['privacy'] })
    expect(traced.principles.map(({ addsUp }) => addsUp)).toEqual([0, 0, 0, 0])
    expect(traced.ensemble!.addsUp).toBeCloseTo(traced.difference, 9)
    expect(traced.ensemble!.labels).toBe(11)
    expect(traced.residual).toBeLessThan(1e-9)
    const moves = traced.principles.map(({ withoutItsLabels }) =>
      Math.abs(withoutItsLabels - traced.difference),
    )
    expect(Math.max(...moves)).toBeGreaterThan(0.01)
    expect(traced.retrained[0]!.newton).toBe(
      traced.principles.find(({ key }) => key === 'privacy')!.withoutItsLabels,
    )
  })
})
