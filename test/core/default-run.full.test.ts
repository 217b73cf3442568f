import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishedSeals } from '../../core/published-seals.ts'
import { openHome } from '../../events/embedded/home.ts'
import type { ChangedRow, RunPage } from '../../lineage/evaluation/run-page.ts'
import { Graph } from '../../lineage/graph.ts'
import { project } from '../../lineage/projector.ts'
import { findRun } from '../../lineage/run-members.ts'
import { temporaryHome } from '../events/embedded/temporary-home.ts'
import { refitsOfRun } from '../lineage/refits-of-run.ts'
import { hansard, type RunAnswer } from './command.ts'

describe('the default run', () => {
  const temporary = temporaryHome()
  const home = temporary.folder
  let run: RunAnswer
  let page: RunPage

  const answer = async (...args: readonly string[]): Promise<RunAnswer> => {
    const { code, stdout, stderr } = await hansard(['run', ...args, '--home', home, '--json'])
    if (code !== 0) throw new Error(`exit ${code}: ${stderr}`)
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as RunAnswer
  }
  const json = async <T>(...args: readonly string[]): Promise<T> => {
    const { stdout } = await hansard([...args, '--home', home, '--json'])
    return JSON.parse(stdout) as T
  }

  beforeAll(async () => {
    run = await answer()
    page = await json<RunPage>('runs', run.run)
  }, 1_800_000)
  afterAll(() => temporary.remove(), 120_000)

  const rows = (prompts: string): ReadonlyMap<string, ChangedRow> =>
    new Map(
      page.changed
        .filter((table) => table.prompts === prompts)
        .flatMap((table) => table.rows.map((row) => [row.name, row] as const)),
    )
  const heldOut = (name: string): ChangedRow => rows('held_out_red_team').get(name)!

  test('has the seal that the documentation states', () => {
    expect(publishedSeals[run.run]).toBe(run.seal)
  })

  test('asks no model anything the second time', async () => {
    expect(await answer()).toMatchObject({ run: run.run, seal: run.seal, modelCalls: 0 })
  })

  test('makes answers less harmful and less helpful with each revision', () => {
    const revisions = [0, 1, 2, 3, 4].map((round) => rows('red_team').get(`revision ${round}`)!)
    for (const [k, revision] of revisions.entries()) {
      if (k === 0) continue
      expect(revision.harm).toBeLessThan(revisions[k - 1]!.harm!)
      expect(revision.help).toBeLessThan(revisions[k - 1]!.help!)
    }
  })

  test('fine-tunes to a policy that is safer than the base', () => {
    expect(heldOut('SL-CAI').harm).toBeLessThan(heldOut('base').harm! * 0.6)
  })

  test('improves harmlessness by RL beyond that, and engages more, not less', () => {
    const [supervised, rl] = [heldOut('SL-CAI'), heldOut('RL-CAI 150')]
    expect(rl.harm).toBeLessThan(supervised.harm! * 0.3)
    expect(rl.engaged).toBeGreaterThanOrEqual(0.5)
    expect(rl.engaged).toBeGreaterThan(supervised.engaged!)
    expect(rl.flat).toBeLessThan(supervised.flat!)
  })

  test('shows Goodhart’s law where RL is pushed too far, and the monitor says so', () => {
    const pushed = page.goodhart.find(({ training }) => training === 'pushed')!
    expect(pushed.flags.map(({ kind }) => kind)).toContain('gold turned')
    const gentle = page.goodhart.find(({ training }) => training === 'RL-CAI')!
    expect(gentle.flags.map(({ kind }) => kind)).not.toContain('gold turned')
  })

  test('explains its rewards: shares add up, and the what-if agrees with refitting', async () => {
    const opened = await openHome(home)
    try {
      await project(opened)
      const access = { memo: opened.memo, blobs: opened.blobs, graph: new Graph(opened.pool) }
      const agreement = await refitsOfRun(access, await findRun(opened.pool, run.run))
      expect(agreement.newton).toBeGreaterThanOrEqual(0.99)
      expect(agreement.residual).toBeLessThanOrEqual(1e-9)
    } finally {
      await opened.close()
    }
  }, 300_000)

  test('verifies, whole', async () => {
    const { bad, events } = await json<{ readonly events: number; readonly bad: readonly unknown[] }>(
      'verify',
    )
    expect(bad).toEqual([])
    expect(events).toBeGreaterThan(run.events)
  }, 300_000)

  test('trains to the same weights again from its log alone', async () => {
    const { trainings } = await json<{ readonly trainings: readonly { readonly equal: boolean }[] }>(
      'replay',
      run.run,
    )
    expect(trainings.map(({ equal }) => equal)).toEqual([true, true, true, true])
  }, 900_000)

  test('is exported in the shapes that TRL reads', async () => {
    for (const what of ['preferences', 'sft', 'rollouts']) {
      const { code, stderr } = await hansard([
        'export',
        run.run,
        '--home',
        home,
        '--to',
        'parquet',
        '--what',
        what,
        '--out',
        join(home, `${what}.parquet`),
      ])
      expect(`${stderr}${code}`).toMatch(/0$/)
      await rm(join(home, `${what}.parquet`))
    }
  }, 300_000)
})
