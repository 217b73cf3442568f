// How fast the projector follows the log, how fast it is made again, and how fast everything is verified, each against what
// the machine itself allows: hashing and canonical JSON for what is read, a bare insert of the same rows for what is written.
//   npx node bench/projector.ts [PAIRS]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalText, sha256Hex } from '../events/canonical.ts'
import { openHome } from '../events/embedded/home.ts'
import { removeHome } from '../events/embedded/remove-home.ts'
import { project } from '../lineage/projector.ts'
import { rebuild } from '../lineage/rebuild.ts'
import { verify } from '../lineage/verify.ts'
import { fixtureRun } from '../test/lineage/fixture-run.ts'

const pairs = Number(process.argv[2] ?? 5_000)
const parent = mkdtempSync(join(tmpdir(), 'hansard-bench-'))
const folder = join(parent, 'home')
const home = await openHome(folder, { idle_ms: 10_000 })

/** Runs an act; prints its rate by the clock, and what of it this process computed (Postgres has the rest). */
const timed = async <T>(what: string, count: number, act: () => Promise<T>): Promise<[T, number]> => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const result = await act()
  const wall_s = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    `${what.padEnd(34)} ${String(Math.round(count / wall_s)).padStart(7)}/s` +
      `   ${((user + system) / count).toFixed(1).padStart(5)} µs CPU each`,
  )
  return [result, count / wall_s]
}

try {
  const { recorder } = fixtureRun({
    redTeam: Math.ceil(pairs / 4),
    helpful: Math.ceil(pairs / 6),
    rounds: 4,
    pairs,
    comparisons: Math.ceil(pairs * 0.8),
    steps: Math.ceil(pairs / 25),
    groups: 16,
  })
  const ids = new Set(recorder.entries.map(({ recorded }) => recorded.id))
  const bytes = recorder.entries.reduce((sum, { recorded }) => sum + recorded.bytes.length, 0)
  const edges = recorder.entries.reduce((sum, { recorded }) => sum + recorded.event.parents.length, 0)
  const count = recorder.entries.length
  console.log(
    `${ids.size} events of ${Math.round(bytes / count)} bytes and ${(edges / count).toFixed(1)} edges each`,
  )
  await recorder.appendTo(home)

  const [, floor] = await timed('canonical JSON and sha-256 alone', count, async () => {
    for (const { recorded } of recorder.entries) {
      sha256Hex(recorded.bytes)
      canonicalText(JSON.parse(recorded.bytes.toString()) as never)
    }
  })
  const [, projected] = await timed('project, from nothing', ids.size, () => project(home))
  await home.pool.query(
    `create schema bench; create table bench.nodes (like projection.nodes including indexes);
      create table bench.edges (like projection.edges including indexes)`,
  )
  const [, bare] = await timed('the same rows inserted in SQL', ids.size, () =>
    home.pool.query(
      'insert into bench.nodes select * from projection.nodes; insert into bench.edges select * from projection.edges',
    ),
  )
  const [again] = await timed('rebuild, digests included', ids.size, () => rebuild(home))
  const [checked, verified] = await timed('verify', ids.size, () => verify(home))
  console.log(
    `project ${(projected / bare).toFixed(2)} of the bare insert · verify takes ${(floor / verified).toFixed(1)} × ` +
      `canonical JSON and sha-256 · rebuilt digest ${again.equal === true ? 'equal' : 'DIFFERS'} · ${checked.badTotal} bad`,
  )
} finally {
  await home.close()
  await removeHome(folder)
  rmSync(parent, { recursive: true, force: true })
}
