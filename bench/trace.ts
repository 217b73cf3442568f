// How long a question about one reward takes, and the walks it rests on, on a record of the default run's size:
//   npx node bench/trace.ts [PAIRS]
// The limit to compare with: the same walk over the same edges in memory, without any database.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHome } from '../events/embedded/home.ts'
import { removeHome } from '../events/embedded/remove-home.ts'
import type { EventId } from '../events/event.ts'
import { closureOf } from '../lineage/closure.ts'
import { Graph } from '../lineage/graph.ts'
import { project } from '../lineage/projector.ts'
import { findRun } from '../lineage/run-members.ts'
import { showEvent } from '../lineage/show.ts'
import { trace } from '../lineage/trace.ts'
import { trustOf } from '../lineage/trust.ts'
import { fixtureRun } from '../test/lineage/fixture-run.ts'

const pairs = Number(process.argv[2] ?? 5_000)
const questions = 20
const parent = mkdtempSync(join(tmpdir(), 'hansard-bench-'))
const folder = join(parent, 'home')
const home = await openHome(folder, { idle_ms: 10_000 })

/** Times an act for each of some ids; prints the median and the worst. Returns the median in ms. */
const timed = async (
  what: string,
  ids: readonly EventId[],
  act: (id: EventId) => Promise<unknown>,
): Promise<number> => {
  const times_ms: number[] = []
  for (const id of ids) {
    const start = performance.now()
    await act(id)
    times_ms.push(performance.now() - start)
  }
  times_ms.sort((a, b) => a - b)
  const median = times_ms[Math.floor(times_ms.length / 2)]!
  console.log(
    `${what.padEnd(34)} ${median.toFixed(1).padStart(9)} ms   worst ${times_ms.at(-1)!.toFixed(1)} ms`,
  )
  return median
}

try {
  const { recorder, byType, run } = fixtureRun({
    redTeam: Math.ceil(pairs / 4),
    helpful: Math.ceil(pairs / 6),
    rounds: 4,
    pairs,
    comparisons: Math.ceil(pairs * 0.8),
    steps: Math.ceil(pairs / 25),
    groups: 16,
  })
  await recorder.appendTo(home)
  const asOf = await project(home)
  await home.pool.query('analyze projection.nodes; analyze projection.edges')
  const graph = new Graph(home.pool)
  const rewards = byType.get('reward.scored')!
  const spread = Array.from(
    { length: questions },
    (_, k) => rewards[Math.floor(((k + 1) * rewards.length) / questions) - 1]!,
  )
  const last = spread.slice(-3)

  const parents = new Map(
    recorder.entries.map(({ recorded: { id, event } }) => [id, event.parents.map((one) => one.id)]),
  )
  const inMemory = async (root: EventId): Promise<number> => {
    const seen = new Set([root])
    for (const id of seen) for (const one of parents.get(id) ?? []) seen.add(one)
    return seen.size
  }
  console.log(`${asOf.records} events; the last reward has ${(await inMemory(spread.at(-1)!)) - 1} ancestors`)
  const limit = await timed('ancestors, in memory', last, inMemory)
  const walked = await timed('ancestors, in Postgres', last, (id) => closureOf(home.pool, [id]))
  await timed('trust of a reward', last, (id) => trustOf(home, asOf, [id]))
  const access = { graph, memo: home.memo, blobs: home.blobs }
  await timed('trace of a reward, first', spread.slice(0, 1), (id) => trace(access, id, { asOf }))
  await timed('trace of a reward', spread, (id) => trace(access, id, { asOf }))
  await timed('show of a reward', spread, (id) => showEvent(home, asOf, id))
  await timed('an id from its first 12 digits', spread, (id) => graph.resolve(id.slice(0, 12)))
  await timed('a run and its members', [run, run, run], (id) => findRun(home.pool, id))
  console.log(`the walk takes ${(walked / limit).toFixed(1)} × the walk in memory`)
} finally {
  await home.close()
  await removeHome(folder)
  rmSync(parent, { recursive: true, force: true })
}
