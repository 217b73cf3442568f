import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHome, type Home } from '../../events/embedded/home.ts'
import { runPage } from '../../lineage/evaluation/page.ts'
import type { RunPage } from '../../lineage/evaluation/run-page.ts'
import { Graph } from '../../lineage/graph.ts'
import { project, type AsOf } from '../../lineage/projector.ts'
import type { RecordAccess } from '../../lineage/record.ts'
import { findRun, type RunMembers } from '../../lineage/run-members.ts'
import { trace } from '../../lineage/trace.ts'
import { why } from '../../lineage/why.ts'
import { sealedBy } from '../core/command.ts'
import { temporaryHome } from '../events/embedded/temporary-home.ts'
import { refitsOfRun } from './refits-of-run.ts'

const { folder, remove } = temporaryHome()
let home: Home
let access: RecordAccess
let run: RunMembers
let asOf: AsOf
let page: RunPage

beforeAll(async () => {
  const answer = await sealedBy(folder, 'test/tiny.yaml')
  home = await openHome(folder, { idle_ms: 60_000 })
  asOf = await project(home)
  access = { memo: home.memo, blobs: home.blobs, graph: new Graph(home.pool) }
  run = await findRun(home.pool, answer.run)
  page = await runPage(access, run, asOf)
}, 180_000)

afterAll(async () => {
  await home?.close()
  await remove()
})

describe('explanations of a real run', () => {
  it('agree with refitting the preference model: without its labels ≥ 0.99, shares add up within 1e-9', async () => {
    const agreement = await refitsOfRun(access, run)
    expect(agreement.rewards).toBe(64)
    expect(agreement.newton).toBeGreaterThanOrEqual(0.99)
    expect(agreement.residual).toBeLessThanOrEqual(1e-9)
    expect(agreement.share).toBeLessThan(agreement.newton)
  })

  it('trace the best reward over all sixteen principles to a complete record', async () => {
    const traced = await trace(access, page.picks.aliases.best!, { asOf })
    expect(traced.principles).toHaveLength(16)
    expect(traced.principles.every(({ inConstitution }) => inConstitution)).toBe(true)
    expect(traced.human.who).toBe('simulated raters')
    expect(traced.difference).toBeCloseTo(page.picks.largest[0]!.advantage, 12)
    expect(traced.residual).toBeLessThanOrEqual(1e-9)
    expect(traced.trust).toMatchObject({ complete: true, determinism: 'exact', grade: 'run' })
  })

  it('leave a principle without labels at 0 and the difference unchanged', async () => {
    const traced = await trace(access, page.picks.aliases.last!, { asOf })
    const silent = traced.principles.filter(({ labels }) => labels === 0)
    for (const { addsUp, withoutItsLabels } of silent) {
      expect(addsUp).toBe(0)
      expect(withoutItsLabels).toBe(traced.difference)
    }
    const labels = traced.principles.reduce((sum, one) => sum + one.labels, 0) + traced.human.labels
    expect(labels).toBe(traced.preferenceModel!.labels)
  })

  it('say why a benign prompt was refused, where one was', async () => {
    for (const { rollout } of page.picks.refusedBenign) {
      const answer = await why(access, rollout, { asOf })
      expect(answer.refuses).toBe(true)
      expect(answer.answer.prompt.use).toBe('helpful')
      expect(answer.sinceWhen.length).toBeGreaterThan(0)
      expect(answer.contrast ?? answer.noContrast).toBeDefined()
    }
  })

  it('fill every part of the page from the record', () => {
    expect(page.changed.map(({ prompts }) => prompts)).toEqual([
      'red_team',
      'held_out_red_team',
      'held_out_helpful',
    ])
    expect(page.changed[0]!.rows.map(({ name }) => name)).toEqual(['revision 0', 'revision 1', 'revision 2'])
    const snapshots = ['base', 'SL-CAI', 'RL-CAI 2', 'RL-CAI 4']
    expect(page.changed[1]!.rows.map(({ name }) => name)).toEqual(snapshots)
    expect(page.elo.map(({ question }) => question).toSorted()).toEqual(['harmless', 'helpful'])
    expect(page.judge.items).toMatchObject({ asked: 16 })
    expect(page.preference).toMatchObject({ fitted: 72, heldOut: 8 })
    expect(page.work!.rows).toHaveLength(17)
    expect(page.goodhart[0]!.points.map(({ step }) => step)).toEqual([0, 2, 4])
    expect(page.run.sealed!.events).toBeGreaterThan(1_000)
  })
})
