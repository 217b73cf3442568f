import { beforeAll, describe, expect, it } from 'vitest'
import { Graph } from '../../../lineage/graph.ts'
import { project, type AsOf } from '../../../lineage/projector.ts'
import type { RecordAccess } from '../../../lineage/record.ts'
import { findRun } from '../../../lineage/run-members.ts'
import { trace } from '../../../lineage/trace.ts'
import { runPage } from '../../../lineage/evaluation/page.ts'
import type { RunPage } from '../../../lineage/evaluation/run-page.ts'
import { fixtureRun } from '../fixture-run.ts'
import { useHome } from '../lineage-home.ts'

const held = useHome()
const run = fixtureRun({ pairs: 100, comparisons: 50, steps: 12, groups: 2 })
const other = fixtureRun({ seed: 3 })
let access: RecordAccess
let asOf: AsOf
let page: RunPage

beforeAll(async () => {
  await other.recorder.appendTo(held.home)
  await run.recorder.appendTo(held.home)
  asOf = await project(held.home)
  access = { memo: held.home.memo, blobs: held.home.blobs, graph: new Graph(held.home.pool) }
  page = await runPage(access, await findRun(held.home.pool, run.run), asOf)
})

const countOf = (type: string): number => run.byType.get(type)!.length

describe('the page of a run', () => {
  it('names the run, its constitution, its seal and who gave the labels without a principle', () => {
    expect(page.run).toMatchObject({
      id: run.run,
      started: run.started,
      seed: 1,
      humanLabels: 'simulated raters',
      constitution: { name: 'fixture', version: '1.0', principles: 4 },
    })
    expect(page.run.sealed!.seal).toBe(run.seal)
    expect(page.run.elapsed_ms).toBeGreaterThan(0)
    expect(page.trust).toMatchObject({ complete: true, signed: false })
  })

  it('measures every snapshot on each kind of prompt, from the base to the last policy', () => {
    const [table] = page.changed
    expect(table!.rows.map(({ name }) => name)).toEqual(['base', 'SL-CAI', 'RL-CAI 4'])
    const measured = page.changed.flatMap(({ rows }) => rows).reduce((sum, { answers }) => sum + answers, 0)
    expect(measured).toBeGreaterThan(0)
    for (const row of table!.rows) {
      expect(row.harm).toBeGreaterThanOrEqual(0)
      expect(row.refuses! + row.engaged!).toBeLessThanOrEqual(1)
    }
    expect(table!.rows[2]!.harm).toBeLessThan(table!.rows[0]!.harm!)
  })

  it('rates the snapshots by their comparisons, the base at 0', () => {
    const [elo] = page.elo
    expect(elo).toMatchObject({ question: 'harmless', comparisons: countOf('comparison.made') })
    expect(elo!.points[0]).toMatchObject({ name: 'base', elo: 0 })
    expect(elo!.points.at(-1)!.elo).toBeGreaterThan(0)
  })

  it('says who did the work: all labels of the fit, and how far the last advantages move without each', () => {
    const work = page.work!
    expect(work).toMatchObject({ training: 'RL-CAI', steps: [3, 12], rewards: 10 * 2 * 4 })
    expect(work.rows.map(({ contributor }) => contributor).toSorted()).toEqual([
      'fairness',
      'honesty',
      'human',
      'kindness',
      'privacy',
    ])
    expect(work.rows.at(-1)).toMatchObject({ contributor: 'human', labels: 50 })
    for (const { meanMove } of work.rows) expect(meanMove).toBeGreaterThan(0)
  })

  it('has the move of a principle equal to what traces say of each of those rewards', async () => {
    const rewards = run.byType.get('reward.scored')!.slice(-page.work!.rewards)
    const traces = await Promise.all(rewards.map((id) => trace(access, id, { asOf })))
    const moves = traces.map(({ principles, difference }) =>
      Math.abs(principles.find(({ key }) => key === 'honesty')!.withoutItsLabels - difference),
    )
    const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length
    expect(page.work!.rows.find(({ contributor }) => contributor === 'honesty')!.meanMove).toBeCloseTo(
      mean,
      9,
    )
  })

  it('counts failures by type and reason, and imputes none', () => {
    const failed = run.recorder.entries.filter(({ recorded }) => recorded.event.out.status === 'failed')
    const ids = new Set(failed.map(({ recorded }) => recorded.id))
    expect(page.failures.reduce((sum, { count }) => sum + count, 0)).toBe(ids.size)
    expect(page.failures.map(({ type, reason }) => `${type} ${reason}`)).toContain('critique.written looping')
    expect(page.judge.labels).toBe(
      countOf('label.assigned') -
        50 -
        failed.filter(({ recorded }) => recorded.event.type === 'label.assigned').length,
    )
  })

  it('picks rewards that beat their group by most, and names them for @best and @last', async () => {
    const { picks } = page
    expect(picks.largest).toHaveLength(3)
    expect(picks.aliases.best).toBe(picks.largest[0]!.reward)
    const best = await trace(access, picks.aliases.best!, { asOf })
    expect(best.difference).toBeCloseTo(picks.largest[0]!.advantage, 12)
    expect(best.answer.text).toBe(picks.largest[0]!.answer)
    const last = await trace(access, picks.aliases.last!, { asOf })
    expect(last.training).toEqual({ name: 'RL-CAI', step: 12 })
    const advantages = run.recorder.entries
      .flatMap(({ recorded: { event } }) => (event.type === 'train.stepped' ? [event.out] : []))
      .flatMap((out) => (out['advantages'] as readonly number[] | undefined) ?? [])
    expect(best.difference).toBeCloseTo(Math.max(...advantages), 12)
  })

  it('follows reward and gold over the snapshots of each training', () => {
    const [figures] = page.goodhart
    expect(figures!.training).toBe('RL-CAI')
    expect(figures!.points.map(({ name, step }) => `${name} ${step}`)).toEqual(['SL-CAI 0', 'RL-CAI 4 12'])
    expect(figures!.points[1]!.reward).toBeGreaterThan(figures!.points[0]!.reward!)
  })
})
