// How fast the log appends, against a bare `insert … select from unnest` of the same rows into an equal table:
//   npx node bench/append.ts [EVENTS] [BATCH]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHome } from '../events/embedded/home.ts'
import { removeHome } from '../events/embedded/remove-home.ts'
import { hansardBy, recordEvent } from '../events/identity.ts'
import type { Entry } from '../events/log.ts'
import {
  booleanArray,
  byteaArray,
  digestArray,
  int4Array,
  int8Array,
} from '../events/postgres/binary-array.ts'
import { encodeHeaders } from '../events/postgres/headers.ts'
import { setFormed } from '../events/vocabulary/training.ts'

const events = Number(process.argv[2] ?? 40_000)
const batch = Number(process.argv[3] ?? 1_000)
const rounds = 4

/** Events of some 700 bytes with six parents, over many subjects. */
const entriesFrom = (start: number, count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => {
    const n = start + index
    const parents = Array.from({ length: 6 }, (__, k) => ({
      role: 'child',
      id: (n * 6 + k).toString(16).padStart(64, '0'),
    }))
    const recorded = recordEvent(setFormed, {
      by: hansardBy,
      params: { purpose: 'stage', count: 6, depth: 0 },
      parents,
      draw: { subject: `subject ${n % 5_000}`, round: 0, i: n },
      out: { status: 'ok' },
    })
    return { recorded, meta: { ce_time: '2026-01-01T00:00:00.000Z', ce_run: 'f'.repeat(64) } }
  })

const parent = mkdtempSync(join(tmpdir(), 'hansard-bench-'))
const folder = join(parent, 'home')
const home = await openHome(folder, { idle_ms: 10_000 })
try {
  await home.pool.query(`
    create schema bench;
    create table bench.bare (off bigint not null, partition int not null, answer boolean not null, id bytea not null,
      recipe bytea not null, key bytea not null, headers bytea not null, value bytea not null,
      primary key (partition, off), unique (id), unique (recipe))`)
  const made = entriesFrom(0, events)
  const bytes = made.reduce((sum, entry) => sum + entry.recorded.bytes.length, 0)
  console.log(`${events} events of ${Math.round(bytes / events)} bytes, batches of ${batch}`)
  let at = 0
  const bare = async (entries: readonly Entry[]): Promise<unknown> => {
    const first = at
    at += entries.length
    return home.pool.query({
      name: 'bare',
      text: 'insert into bench.bare select * from unnest($1::bigint[], $2::int[], $3::boolean[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])',
      values: [
        int8Array(entries.map((_, index) => first + index)),
        int4Array(entries.map((_, index) => index % 6)),
        booleanArray(entries.map(() => true)),
        digestArray(entries.map((entry) => entry.recorded.id)),
        digestArray(entries.map((entry) => entry.recorded.recipe)),
        byteaArray(entries.map((entry) => Buffer.from(entry.recorded.event.draw.subject))),
        byteaArray(entries.map((entry) => encodeHeaders(entry.meta))),
        byteaArray(entries.map((entry) => entry.recorded.bytes)),
      ],
    })
  }
  const log = (entries: readonly Entry[]): Promise<unknown> => home.log.append(entries, [])
  const spent_ms = { bare: 0, log: 0 }
  // In turns, so that both meet the same machine and grow alike.
  for (let from = 0, slice = Math.ceil(events / rounds); from < events; from += slice)
    for (const [name, write] of [
      ['bare', bare],
      ['log', log],
    ] as const) {
      const begun = performance.now()
      for (let start = from; start < Math.min(events, from + slice); start += batch)
        await write(made.slice(start, Math.min(events, from + slice, start + batch)))
      spent_ms[name] += performance.now() - begun
    }
  const rate = (name: 'bare' | 'log'): number => events / (spent_ms[name] / 1_000)
  console.log(`bare insert  ${rate('bare').toFixed(0)} events/s`)
  console.log(`log append   ${rate('log').toFixed(0)} events/s`)
  console.log(`ratio        ${(rate('log') / rate('bare')).toFixed(2)}`)
} finally {
  await home.close()
  await removeHome(folder)
  rmSync(parent, { recursive: true })
}
