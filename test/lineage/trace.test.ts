import { beforeAll, describe, expect, it } from 'vitest'
import type { EventId, Recorded } from '../../events/event.ts'
import { rewardScored } from '../../events/vocabulary/reinforcement.ts'
import { checkpointSaved } from '../../events/vocabulary/training.ts'
import { readFloat32, writeFloat32 } from '../../lineage/attribution/features.ts'
import { decodeHead, rewardOf, type Head } from '../../lineage/attribution/head.ts'
import { Graph } from '../../lineage/graph.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { project, type AsOf } from '../../lineage/projector.ts'
import type { RecordAccess } from '../../lineage/record.ts'
import { trace } from '../../lineage/trace.ts'
import { NothingToExplain } from '../../lineage/trace-errors.ts'
import { ok } from './fixture-recorder.ts'
import { fixtureRun } from './fixture-run.ts'
import { by } from './fixture-supervised.ts'
import { featuresOf } from './fixture-words.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const run = fixtureRun({ pairs: 120, comparisons: 60, steps: 5, groups: 3 })
let access: RecordAccess
let asOf: AsOf

/** Events of a type in the fixture, in the order written. */
const recordedOf = (type: string): readonly Recorded[] =>
  run.recorder.entries.map(({ recorded }) => recorded).filter(({ event }) => event.type === type)
const parentIn = ({ event }: Recorded, role: string): EventId =>
  event.parents.find((one) => one.role === role)!.id
const textIn = ({ event }: Recorded): string => {
  const { digest } = event.out['text'] as unknown as { digest: string }
  return run.recorder.texts.find(({ ref }) => ref.digest === digest)!.text
}
const preferenceModel = (): Recorded =>
  recordedOf('checkpoint.saved').find(({ event }) => event.params['kind'] === 'preference_model')!
const headOf = ({ event }: Recorded): Head =>
  decodeHead(run.recorder.blobs.get((event.out['blob'] as unknown as { digest: string }).digest)!)

const reward = (answer: Recorded, model: Recorded, features: Float32Array): Recorded =>
  run.recorder.record(rewardScored, {
    by,
    params: { mode: 'preference_model' },
    parents: [
      { role: 'answer', id: answer.id },
      { role: 'preference_model', id: model.id },
    ],
    draw: { subject: answer.event.draw.subject, round: answer.event.draw.round, i: answer.event.draw.i },
    out: ok({
      value: rewardOf(headOf(model), features),
      features: Buffer.from(writeFloat32(features)).toString('base64'),
    }),
  })

/** Both answers of the first pair, rewarded by the preference model. */
const rewardPair = (): readonly Recorded[] => {
  const [pair] = recordedOf('pair.formed')
  const prompt = recordedOf('prompt.imported').find(({ id }) => id === parentIn(pair!, 'prompt'))!
  const samples = pair!.event.parents.filter(({ role }) => role === 'sample').map(({ id }) => id)
  return recordedOf('sample.drawn')
    .filter(({ id }) => samples.includes(id))
    .map((sample) => reward(sample, preferenceModel(), featuresOf(textIn(prompt), textIn(sample))))
}

/** The rollouts of the last group, rewarded again by a preference model of another id. */
const rewardAgain = (): readonly Recorded[] => {
  const { event } = preferenceModel()
  const again = run.recorder.record(checkpointSaved, {
    by: event.by,
    params: event.params,
    parents: event.parents,
    draw: { ...event.draw, round: 2 },
    out: event.out,
  })
  const rewards = recordedOf('reward.scored').filter(({ event: { draw } }) => draw.round === 5)
  return rewards.slice(-4).map(({ event: { parents, out } }) => {
    const answer = recordedOf('rollout.drawn').find(({ id }) => parents.some((one) => one.id === id))!
    return reward(answer, again, readFloat32(Buffer.from(out['features'] as string, 'base64')))
  })
}

/** Both answers of the first pair, rewarded directly: a part for each of two principles. */
const rewardDirectly = (): readonly Recorded[] =>
  ofPair.map((scored, side) => {
    const [privacy, honesty] = recordedOf('principle.defined')
    const parts = [
      { name: 'privacy', value: 1 - side, weight: 2 },
      { name: 'honesty', value: 0.25 },
    ]
    return run.recorder.record(rewardScored, {
      by,
      params: { mode: 'direct' },
      parents: [
        { role: 'answer', id: parentIn(scored, 'answer') },
        { role: 'principle', id: privacy!.id },
        { role: 'principle', id: honesty!.id },
      ],
      draw: scored.event.draw,
      out: ok({ value: 2 * (1 - side) + 0.25, components: parts }),
    })
  })

/** A reward that is no number. */
const rewardNothing = (): Recorded => {
  const [{ event }] = ofPair as [Recorded]
  const { parents, draw, params, by: who } = event
  return run.recorder.record(rewardScored, {
    by: who,
    params,
    parents,
    draw: { ...draw, round: 7 },
    out: ok({ value: { $num: 'NaN' } }),
  })
}

let direct: readonly Recorded[]
let nothing: Recorded
let ofPair: readonly Recorded[]
let again: readonly Recorded[]

beforeAll(async () => {
  again = rewardAgain()
  ofPair = rewardPair()
  direct = rewardDirectly()
  nothing = rewardNothing()
  await run.recorder.appendTo(held.home)
  asOf = await project(held.home)
  access = { memo: held.home.memo, blobs: held.home.blobs, graph: new Graph(held.home.pool) }
})

const rewards = (): readonly EventId[] => run.byType.get('reward.scored')!
const valueOf = (id: EventId): number => {
  const { recorded } = run.recorder.entries.find((entry) => entry.recorded.id === id)!
  return outcomeOf(rewardScored, recorded.event)!.value as number
}

describe('the trace of a reward', () => {
  it('explains the difference from the mean of its group, by shares that sum exactly to it', async () => {
    for (const id of rewards().slice(-6)) {
      const traced = await trace(access, id, { asOf })
      expect(traced.reward).toEqual({ id, value: valueOf(id) })
      expect(traced.reference.kind).toBe('group mean')
      expect(traced.reference.rewards).toHaveLength(4)
      expect(traced.reference.rewards).toContain(id)
      const mean = traced.reference.rewards.reduce((sum, one) => sum + valueOf(one), 0) / 4
      expect(traced.reference.value).toBeCloseTo(mean, 12)
      expect(traced.difference).toBeCloseTo(valueOf(id) - mean, 12)
      const sum = traced.principles.reduce((total, { addsUp }) => total + addsUp, 0) + traced.human.addsUp
      expect(Math.abs(sum - traced.difference)).toBeLessThan(1e-9)
      expect(traced.residual).toBeLessThan(1e-9)
    }
  })

  it('takes as the group what the training took: the same prompt in the same step', async () => {
    const traced = await trace(access, rewards().at(-1)!, { asOf })
    const events = run.recorder.entries.map(({ recorded }) => recorded)
    const group = traced.reference.rewards.map((id) => events.find((one) => one.id === id)!.event.draw)
    expect(new Set(group.map(({ subject, round }) => `${subject} ${round}`)).size).toBe(1)
    expect(group.map(({ i }) => i)).toEqual([0, 1, 2, 3])
    expect(traced.training).toEqual({ name: 'RL-CAI', step: 5 })
  })

  it('lists every principle of the constitution, and counts all labels of the fit', async () => {
    const traced = await trace(access, rewards().at(-1)!, { asOf })
    expect(traced.principles.map(({ key }) => key)).toEqual(['privacy', 'honesty', 'kindness', 'fairness'])
    const labels = traced.principles.reduce((sum, one) => sum + one.labels, 0) + traced.human.labels
    expect(labels).toBe(traced.preferenceModel!.labels)
    expect(traced.human.labels).toBe(60)
    expect(traced.human.who).toBe('simulated raters')
    expect(traced.constitution).toMatchObject({ name: 'fixture', version: '1.0' })
  })

  it('says what would remain without a principle’s labels, and refitting without them agrees', async () => {
    const keys = ['privacy', 'honesty', 'kindness', 'fairness', 'human']
    const traced = await trace(access, rewards().at(-1)!, { asOf, retrain: keys })
    expect(traced.retrained.map(({ without }) => without)).toEqual(keys)
    for (const { without, difference, newton } of traced.retrained) {
      const shown = without === 'human' ? traced.human : traced.principles.find(({ key }) => key === without)!
      expect(newton).toBe(shown.withoutItsLabels)
      expect(Math.abs(difference - newton)).toBeLessThan(
        0.35 * Math.max(0.05, Math.abs(traced.difference - difference)),
      )
    }
    await expect(trace(access, rewards().at(-1)!, { asOf, retrain: ['modesty'] })).rejects.toThrow(
      'no label of this preference model was given under "modesty"',
    )
  })

  it('shows the strongest labels of each contributor with both answers', async () => {
    const traced = await trace(access, rewards().at(-1)!, { asOf })
    for (const label of traced.strongest) {
      expect(typeof label.chosen).toBe('string')
      expect(typeof label.rejected).toBe('string')
      expect(label.orders).toHaveLength(label.principle === 'human' ? 0 : 2)
    }
    const of = (key: string) => traced.strongest.filter(({ principle }) => principle === key)
    for (const key of ['privacy', 'honesty', 'kindness', 'fairness', 'human']) expect(of(key)).toHaveLength(3)
    const sizes = traced.strongest.map(({ contribution }) => Math.abs(contribution))
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  })

  it('walks from the reward to the principles on both branches, over real events only', async () => {
    const traced = await trace(access, rewards().at(-1)!, { asOf })
    const found = await access.memo.events(traced.path.map(({ id }) => id))
    traced.path.forEach((step, at) => expect(found[at]?.event.type).toBe(step.type))
    const types = (branch: string) =>
      traced.path.filter((step) => step.branch === branch).map(({ type }) => type)
    expect(types('answer')).toEqual([
      'reward.scored',
      'rollout.drawn',
      'prompt.imported',
      'train.stepped',
      'train.started',
    ])
    expect(new Set(types('supervised'))).toEqual(
      new Set([
        'train.stepped',
        'train.started',
        'set.formed',
        'sample.drawn',
        'revision.written',
        'principle.defined',
        'model.registered',
      ]),
    )
    expect(types('preference model')).toEqual([
      'checkpoint.saved',
      'train.stepped',
      'train.started',
      'features.computed',
      'set.formed',
      'label.assigned',
      ...Array.from({ length: 4 }, () => 'principle.defined'),
    ])
  })

  it('is taken against another answer where one is named', async () => {
    const [a, b] = rewards().slice(-2)
    const traced = await trace(access, a!, { asOf, against: b! })
    expect(traced.reference).toMatchObject({ kind: 'other answer', value: valueOf(b!), rewards: [b] })
    expect(traced.difference).toBeCloseTo(valueOf(a!) - valueOf(b!), 12)
    expect(traced.residual).toBeLessThan(1e-9)
  })

  it('takes the other answer of its pair where a reward belongs to no group', async () => {
    const [a, b] = ofPair
    const traced = await trace(access, a!.id, { asOf })
    expect(traced.reference).toMatchObject({ kind: 'other answer', rewards: [b!.id] })
    expect(traced.residual).toBeLessThan(1e-9)
    expect(traced.training).toBeUndefined()
    expect(traced.labelsOnThisPrompt.reduce((sum, { labels }) => sum + labels, 0)).toBeGreaterThan(0)
  })

  it('keeps the group of rollouts that another preference model rewarded again', async () => {
    const traced = await trace(access, again[0]!.id, { asOf })
    expect(traced.reference.kind).toBe('group mean')
    expect(new Set(traced.reference.rewards)).toEqual(new Set(again.map(({ id }) => id)))
    expect(traced.training).toEqual({ name: 'RL-CAI', step: 5 })
  })

  it('carries the trust of everything it rests on', async () => {
    const { trust } = await trace(access, rewards().at(-1)!, { asOf })
    expect(trust).toMatchObject({ complete: true, missingParents: 0, erased: 0, signed: false })
  })

  it('explains a direct reward by the parts that name their principles', async () => {
    const [a, b] = direct
    const traced = await trace(access, a!.id, { asOf, against: b!.id })
    expect(traced.difference).toBe(2)
    const shares = traced.principles.map(({ key, addsUp, withoutItsLabels }) => [
      key,
      addsUp,
      withoutItsLabels,
    ])
    expect(shares).toEqual([
      ['privacy', 2, 0],
      ['honesty', 0, 2],
      ['kindness', 0, 2],
      ['fairness', 0, 2],
    ])
    expect(traced.residual).toBe(0)
    expect(traced.direct.map(({ name }) => name)).toEqual(['privacy', 'honesty'])
    expect(traced.preferenceModel).toBeUndefined()
    await expect(trace(access, a!.id, { asOf, against: rewards()[0]! })).rejects.toThrow(
      'another preference model',
    )
  })

  it('has nothing to say of a reward that is no number', async () => {
    await expect(trace(access, nothing.id, { asOf })).rejects.toThrow('is not a finite number')
  })

  it('takes an answer for its reward', async () => {
    const [rollout] = recordedOf('rollout.drawn')
    const traced = await trace(access, rollout!.id, { asOf })
    expect(traced.answer.id).toBe(rollout!.id)
    expect(traced.reward.id).toBe(rewards()[0])
  })

  it('refuses what has no reward, naming what it is', async () => {
    const prompt = run.byType.get('prompt.imported')![0]!
    await expect(trace(access, prompt, { asOf })).rejects.toThrow(NothingToExplain)
    await expect(trace(access, prompt, { asOf })).rejects.toThrow(
      'is a prompt.imported that no preference model scored',
    )
  })
})
