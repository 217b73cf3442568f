import { beforeAll, describe, expect, it } from 'vitest'
import type { Event, EventId, Recorded } from '../../events/event.ts'
import { probabilityFirst } from '../../lineage/attribution/targets.ts'
import { diffRuns } from '../../lineage/diff.ts'
import type { RunDiff } from '../../lineage/diff-types.ts'
import { settingDifferences } from '../../lineage/diff/setting-differences.ts'
import { project } from '../../lineage/projector.ts'
import { type FixtureRun, fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const principles = {
  privacy: 'avoid what is prying',
  honesty: 'avoid what is untrue',
  kindness: 'prefer what is kind',
  fairness: 'prefer what is fair',
}
const { fairness: _, ...withoutFairness } = principles
const changed = {
  ...withoutFairness,
  privacy: 'avoid what is prying or unfair',
  patience: 'prefer what can wait',
}
const base = fixtureRun({ principles, pairs: 120 })
/** Another constitution from the first critique on. */
const other = fixtureRun({ principles: changed, version: '2.0', pairs: 120 })
/** The same policy and pairs, judged by another constitution. */
const judged = fixtureRun({ principles: changed, held: principles, version: '2.0', pairs: 120 })
/** The same again, with one setting changed that acts after the labels. */
const longer = fixtureRun({ principles, pairs: 120, steps: 6 })

beforeAll(async () => {
  for (const run of [base, other, judged, longer]) await run.recorder.appendTo(held.home)
})

const diff = async (a: FixtureRun, b: FixtureRun): Promise<RunDiff> =>
  diffRuns(held.home, await project(held.home), [a.run.slice(0, 12), b.run])

const eventsIn = ({ recorder }: FixtureRun, stage: string, type: string): readonly Recorded[] => {
  const { used } = recorder.stages.find(({ name }) => name === stage)!
  const seen = new Map(recorder.entries.map(({ recorded }) => [recorded.id, recorded]))
  return [...used].map((id) => seen.get(id)!).filter(({ event }) => event.type === type)
}

/** Pairs of events at one place, the slow and plain way. */
const pairsOf = (a: FixtureRun, b: FixtureRun, stage: string, type: string) =>
  eventsIn(a, stage, type).flatMap((x) =>
    eventsIn(b, stage, type)
      .filter(({ event: { draw } }) => {
        const place = x.event.draw
        return draw.subject === place.subject && draw.round === place.round && draw.i === place.i
      })
      .map((y) => [x, y] as const),
  )

const parent = (event: Event, role: string): EventId | undefined =>
  event.parents.find((one) => one.role === role)?.id
const textOf = ({ event }: Recorded): string => JSON.stringify([event.out.status, event.out['text'] ?? null])
const keyOf = (run: FixtureRun, { event }: Recorded): string => {
  const id = parent(event, 'principle')
  const found = run.recorder.entries.find(({ recorded }) => recorded.id === id)
  return (found?.recorded.event.params['key'] as string | undefined) ?? 'human'
}

describe('the difference of two runs', () => {
  it('is nothing between a run and itself', async () => {
    const same = await diff(base, base)
    expect(same).toMatchObject({
      settings: [],
      constitution: { same: 4, added: [], removed: [], changed: [] },
      events: { onlyA: 0, onlyB: 0 },
      chains: { compared: 8, touched: 0, acts: { otherText: 0, sameText: 0 }, examples: [] },
      labels: { flipped: 0, otherPrinciple: 0, meanMove: 0, examples: [] },
      rewards: { rollouts: { compared: 32, otherText: 0 }, sameAnswers: { compared: 0, meanMove: null } },
      trust: { complete: true, missingParents: 0 },
    })
    expect(same.policies.every(({ equal }) => equal)).toBe(true)
    expect(same.labels.onEqualPairs).toBe(same.labels.compared)
  })

  it('names principles added, removed and changed, by key and id', async () => {
    const { constitution, a, b } = await diff(base, other)
    const idOf = (run: FixtureRun, key: string) =>
      run.recorder.entries.find(({ recorded }) => recorded.event.params['key'] === key)!.recorded.id
    expect(constitution).toEqual({
      same: 2,
      added: [{ key: 'patience', id: idOf(other, 'patience') }],
      removed: [{ key: 'fairness', id: idOf(base, 'fairness') }],
      changed: [{ key: 'privacy', a: idOf(base, 'privacy'), b: idOf(other, 'privacy') }],
    })
    expect(a).toMatchObject({ run: base.run, seal: base.seal, constitution: { version: '1.0' } })
    expect(b).toMatchObject({ run: other.run, seal: other.seal, constitution: { version: '2.0' } })
  })

  it('counts the chains that a constitution touched, act by act', async () => {
    const { chains } = await diff(base, other)
    const acts = ['critique.written', 'revision.written'].flatMap((type) =>
      pairsOf(base, other, 'critique', type),
    )
    const differing = acts.filter(([x, y]) => textOf(x) !== textOf(y))
    expect(chains.acts).toEqual({
      sameEvent: acts.filter(([x, y]) => x.id === y.id).length,
      sameText: acts.filter(([x, y]) => x.id !== y.id && textOf(x) === textOf(y)).length,
      otherText: differing.length,
      otherPrinciple: acts.filter(([x, y]) => keyOf(base, x) !== keyOf(other, y)).length,
    })
    expect(chains.acts.otherText).toBeGreaterThan(0)
    expect(chains.acts.sameEvent).toBeGreaterThan(0)
    expect(chains.compared).toBe(8)
    expect(chains.touched).toBeGreaterThan(0)
    expect(chains.touched).toBeLessThan(8)
    expect(chains.byRound.map(({ round }) => round)).toEqual([1, 2])
    expect(chains.byRound.reduce((sum, { otherText }) => sum + otherText, 0)).toBe(differing.length)
    for (const { a, b } of chains.examples) expect(a.text).not.toBe(b.text)
  })

  it('tells flips on equal pairs only, and says how many there are', async () => {
    const policyChanged = (await diff(base, other)).labels
    expect(policyChanged.compared).toBe(140)
    expect(policyChanged.onEqualPairs).toBe(0)
    expect(policyChanged).toMatchObject({ flipped: 0, meanMove: null, byPrinciple: [] })

    const { labels } = await diff(base, judged)
    const equal = pairsOf(base, judged, 'feedback', 'label.assigned')
    expect(labels).toMatchObject({ compared: equal.length, onEqualPairs: 140, onlyA: 0, onlyB: 0 })
    const first = (label: Recorded): EventId => {
      const pair = base.recorder.entries.find(({ recorded }) => recorded.id === parent(label.event, 'pair'))!
      return parent(pair.recorded.event, 'sample')!
    }
    const probabilities = equal
      .filter(([x, y]) => x.event.out.status === 'ok' && y.event.out.status === 'ok')
      .map(([x, y]) => ({
        key: keyOf(base, x),
        x: probabilityFirst(x.event, first(x)),
        y: probabilityFirst(y.event, first(y)),
      }))
    const flips = probabilities.filter(({ x, y }) => Math.sign(x - 0.5) !== Math.sign(y - 0.5))
    expect(flips.length).toBeGreaterThan(0)
    expect(labels.flipped).toBe(flips.length)
    expect(labels.meanMove).toBeCloseTo(
      probabilities.reduce((sum, { x, y }) => sum + Math.abs(y - x), 0) / probabilities.length,
      12,
    )
    for (const { key, labels: count, flipped } of labels.byPrinciple) {
      expect(count).toBe(equal.filter(([x]) => keyOf(base, x) === key).length)
      expect(flipped).toBe(flips.filter((flip) => flip.key === key).length)
    }
    expect(labels.byPrinciple.map(({ key }) => key).toSorted()).toEqual(
      ['fairness', 'honesty', 'human', 'kindness', 'privacy'].toSorted(),
    )
    expect(labels.byPrinciple.find(({ key }) => key === 'fairness')).toMatchObject({
      otherPrinciple: equal.filter(([x]) => keyOf(base, x) === 'fairness').length,
    })
    expect(labels.byPrinciple.find(({ key }) => key === 'human')).toMatchObject({ flipped: 0, meanMove: 0 })
    for (const { a, b, first: one, second } of labels.examples) {
      expect(a.probabilityFirst > 0.5).not.toBe(b.probabilityFirst > 0.5)
      expect(typeof one).toBe('string')
      expect(typeof second).toBe('string')
    }
  })

  it('compares rewards and policies at the same places', async () => {
    const { rewards, policies, events } = await diff(base, judged)
    expect(policies).toMatchObject([
      { name: 'SL-CAI', equal: true },
      { name: 'RL-CAI 4', equal: false },
    ])
    expect(events.shared).toBeGreaterThan(400)
    const scored = pairsOf(base, judged, 'reinforcement', 'reward.scored')
    const [training] = rewards.byTraining
    expect(training).toMatchObject({ training: 'reinforcement', compared: scored.length, lastStep: 4 })
    const mean = (side: 0 | 1) =>
      scored.reduce((sum, pair) => sum + (pair[side].event.out['value'] as number), 0) / scored.length
    expect(training!.meanA).toBeCloseTo(mean(0), 12)
    expect(training!.meanB).toBeCloseTo(mean(1), 12)
    const rollouts = pairsOf(base, judged, 'reinforcement', 'rollout.drawn')
    expect(rewards.rollouts).toEqual({
      compared: rollouts.length,
      otherText: rollouts.filter(([x, y]) => textOf(x) !== textOf(y)).length,
    })
  })

  it('names settings that differ, and compares no place that one run does not have', async () => {
    const { settings, rewards, labels } = await diff(base, longer)
    expect(settings).toEqual([{ path: 'reinforcement.steps', a: 4, b: 6 }])
    expect(labels).toMatchObject({ flipped: 0, onEqualPairs: 140 })
    expect(rewards).toMatchObject({ rollouts: { compared: 32 }, onlyA: 0, onlyB: 16 })
    expect(settingDifferences({ a: [1, { b: 2 }], c: {} }, { a: [1, { b: 3 }, 4], d: null, c: {} })).toEqual([
      { path: 'a.1.b', a: 2, b: 3 },
      { path: 'a.2', b: 4 },
      { path: 'd', b: null },
    ])
  })
})
