import { describe, expect, it } from 'vitest'
import { hansardBy } from '../../events/identity.ts'
import type { EventLog, LogRecord } from '../../events/log.ts'
import { projectionDigest } from '../../lineage/projection-digest.ts'
import { createIndexes, createTables } from '../../lineage/projection-schema.ts'
import { project, projectRecords } from '../../lineage/projector.ts'
import { rebuild } from '../../lineage/rebuild.ts'
import { inTransaction, withClient } from '../../lineage/transaction.ts'
import { asOwner } from './as-owner.ts'
import { bytesOf, delivery, recordsOf, shuffled } from './deliveries.ts'
import { fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()

/** Projects batches of deliveries into a schema of its own, and gives what came of it. */
const digestAfter = (batches: readonly (readonly LogRecord[])[]) =>
  withClient(held.home.pool, async (client) => {
    await inTransaction(client, async () => {
      await createTables(client, 'projection_test')
      await createIndexes(client, 'projection_test')
    })
    for (const batch of batches) await projectRecords(client, 'projection_test', batch)
    const { rows } = await client.query<{ dangling: string }>(
      `select count(*) as dangling from projection_test.edges e
        where not exists (select from projection_test.nodes n where n.id = e.parent)`,
    )
    return {
      ...(await projectionDigest(client, 'projection_test')),
      dangling: Number(rows[0]!.dangling),
    }
  })

const inBatches = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, k) => items.slice(k * size, (k + 1) * size))

describe('the projection', () => {
  const fixture = fixtureRun()
  const records = recordsOf(fixture.recorder)

  it('is the same whatever the order of deliveries, their batches, and however often each one comes', async () => {
    const once = await digestAfter([records])
    expect(once).toMatchObject({ nodes: records.length, quarantined: 0, dangling: 0 })
    const tenfold = shuffled(Array.from({ length: 10 }, () => records).flat(), 'tenfold')
    expect(await digestAfter(inBatches(tenfold, 700))).toEqual(once)
    expect(await digestAfter(inBatches(shuffled(records, 'one by one'), 50))).toEqual(once)
    expect(await digestAfter(inBatches(records.toReversed(), 97))).toEqual(once)
  })

  it('keeps, of deliveries that differ in their metadata, the smallest, whichever comes first', async () => {
    const [first, ...rest] = records
    const later = {
      ...first!,
      offset: 9_999,
      headers: { ...first!.headers, ce_time: '2031-01-01T00:00:00Z' },
    }
    const earlier = {
      ...first!,
      offset: 9_998,
      headers: { ...first!.headers, ce_time: '1999-01-01T00:00:00Z' },
    }
    const all = await digestAfter([[first!, later, earlier, ...rest]])
    expect(await digestAfter([[later], [earlier, ...rest], [first!]])).toEqual(all)
    expect(await digestAfter([[earlier, ...rest]])).toEqual(all)
    expect((await digestAfter([[later, ...rest]])).digest).not.toBe(all.digest)
  })

  it('notices every difference: a record less, another parent, another header', async () => {
    const whole = await digestAfter([records])
    const without = await digestAfter([records.slice(0, -1)])
    expect(without.digest).not.toBe(whole.digest)
    const slower = records.map((record, k) =>
      k === 7 ? { ...record, headers: { ...record.headers, duration_ms: '12' } } : record,
    )
    expect((await digestAfter([slower])).digest).not.toBe(whole.digest)
  })

  it('lets an edge dangle until its parent comes', async () => {
    const half = records.slice(Math.floor(records.length / 2))
    expect((await digestAfter([half])).dangling).toBeGreaterThan(0)
    expect((await digestAfter([half, records])).dangling).toBe(0)
  })

  it('puts poison aside with its reason and goes on', async () => {
    const good = records.slice(0, 20)
    const deep = Buffer.from('['.repeat(30_000) + ']'.repeat(30_000))
    const lone = Buffer.from('{"type":"\\ud800"}')
    const duplicate = Buffer.from('{"type":"a.b","type":"a.b"}')
    const poison = [
      Buffer.alloc(0),
      Buffer.from('not json'),
      Buffer.from([0xff, 0xfe]),
      deep,
      lone,
      duplicate,
      Buffer.from('{"a":NaN}'),
      Buffer.from('{"a":9007199254740993}'),
      Buffer.from('{"__proto__":{"type":"x"}}'),
      Buffer.alloc(70_000, 0x20),
      bytesOf({ ...(JSON.parse(Buffer.from(good[0]!.value).toString()) as object), params: { key: 7 } }),
    ].map((value, k) => delivery(7, k, value))
    const result = await digestAfter([[...poison.slice(0, 4), ...good, ...poison.slice(4)]])
    expect(result).toMatchObject({ nodes: 20, quarantined: poison.length })
    const { rows } = await held.home.pool.query<{ off: string; reason: string }>(
      'select off, reason from projection_test.quarantine where partition = 7 order by off',
    )
    expect(rows.map(({ reason }) => reason)).toEqual([
      'empty',
      'not_json',
      'not_utf8',
      expect.any(String),
      expect.any(String),
      'not_an_event',
      'not_json',
      'not_an_event',
      'not_an_event',
      'too_large',
      'not_its_schema',
    ])
    expect(await digestAfter([poison, poison, good])).toMatchObject({ digest: result.digest })
  })

  it('stores events of unknown types and versions, with their edges and texts', async () => {
    const parent = records[0]!
    const future = bytesOf({
      type: 'dream.dreamt',
      v: 3,
      by: { ...hansardBy },
      params: { mood: { scheme: 'sha256', digest: 'ab'.repeat(32), bytes: 3 } },
      parents: [{ role: 'about', id: parent.headers['ce_id']! }],
      draw: { subject: 'a\u0000b', round: 2 ** 40, i: 1, colour: 'blue' },
      out: { status: 'ok', anything: [1, 2, { more: null }] },
    })
    const odd = await digestAfter([[parent, delivery(0, 99, future)]])
    expect(odd).toMatchObject({ nodes: 1, quarantined: 1 })
    const { colour: _, ...draw } = (
      JSON.parse(Buffer.from(future).toString()) as { draw: { colour: string } }
    ).draw
    const known = bytesOf({ ...(JSON.parse(Buffer.from(future).toString()) as object), draw })
    expect(await digestAfter([[parent, delivery(0, 99, known)]])).toMatchObject({
      nodes: 2,
      edges: 1,
      dangling: 0,
    })
  })
})

describe('the projector', () => {
  it('follows the log of a home, is made again with an equal digest, and may run several times at once', async () => {
    const { home } = held
    const { recorder } = fixtureRun()
    const ids = new Set(recorder.entries.map(({ recorded }) => recorded.id))
    expect(await project(home)).toEqual({ records: 0, behind: 0 })
    await recorder.appendTo(home)
    const all = await Promise.all([project(home), project(home), project(home)])
    expect(all).toEqual(Array.from({ length: 3 }, () => ({ records: ids.size, behind: 0 })))
    const again = await rebuild(home)
    expect(again).toMatchObject({ equal: true, after: { nodes: ids.size, quarantined: 0 } })
    expect(await digestAfter([recordsOf(recorder)])).toEqual({ ...again.after, dangling: 0 })
    expect(await project(home)).toEqual({ records: ids.size, behind: 0 })
  })

  it('says how far it is behind when it is ended early, and goes on from there', async () => {
    const { home } = held
    const { recorder } = fixtureRun({ seed: 2 })
    await recorder.appendTo(home)
    const before = await project(home, AbortSignal.abort())
    expect(before.behind).toBeGreaterThan(0)
    const after = await project(home)
    expect(after).toEqual({ records: before.records + before.behind, behind: 0 })
    expect(await rebuild(home)).toMatchObject({ equal: true })
  })

  it('begins anew where the projection has another format', async () => {
    const { home } = held
    const { records } = await project(home)
    await home.pool.query('update projection.state set format = 0; delete from projection.nodes')
    expect(await project(home)).toEqual({ records, behind: 0 })
    const { rows } = await home.pool.query<{ count: string }>('select count(*) from projection.nodes')
    expect(Number(rows[0]!.count)).toBe(records)
  })

  it('goes on past a record whose headers are damaged, and stops at a gap', async () => {
    const { home } = held
    const { records } = await project(home)
    const { rows } = await home.pool.query<{ id: Buffer; headers: Buffer; partition: number; off: string }>(
      'select id, headers, partition, off from record.records order by id limit 1',
    )
    const [one] = rows
    await asOwner(home, (client) =>
      client.query(`update record.records set headers = '\\x7b' where id = $1`, [one!.id]),
    )
    expect(await rebuild(home)).toMatchObject({
      equal: false,
      after: { nodes: records - 1, quarantined: 1 },
      asOf: { records, behind: 0 },
    })
    await asOwner(home, async (client) => {
      await client.query('create table kept as select * from record.records where id = $1', [one!.id])
      await client.query('delete from record.records where id = $1', [one!.id])
    })
    await expect(rebuild(home)).rejects.toThrow(
      `partition ${one!.partition} has no record at offset ${one!.off}`,
    )
    await asOwner(home, async (client) => {
      await client.query('insert into record.records select * from kept')
      await client.query('update record.records set headers = $2 where id = $1', [one!.id, one!.headers])
    })
    expect(await rebuild(home)).toMatchObject({ after: { nodes: records, quarantined: 0 } })
  })

  it('goes on when the database throws its sessions out in the middle', async () => {
    const { home } = held
    await fixtureRun({ seed: 3 }).recorder.appendTo(home)
    let thrown = 0
    const log: EventLog = {
      topic: home.log.topic,
      partitions: home.log.partitions,
      append: (entries, texts) => home.log.append(entries, texts),
      sizes: () => home.log.sizes(),
      tail: (from, signal) => home.log.tail(from, signal),
      read: async (partition, from, limit) => {
        if (thrown++ === 2)
          await asOwner(home, (client) =>
            client.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'hansard'`),
          )
        return home.log.read(partition, from, limit)
      },
    }
    expect((await project({ pool: home.pool, log })).behind).toBe(0)
    expect(thrown).toBeGreaterThan(home.log.partitions)
    expect(await rebuild(home)).toMatchObject({ equal: true })
  })

  it('is compared over the same records although more come while it is made again', async () => {
    const { home } = held
    const late = fixtureRun({ seed: 4 })
    let calls = 0
    const log: EventLog = {
      topic: home.log.topic,
      partitions: home.log.partitions,
      append: (entries, texts) => home.log.append(entries, texts),
      tail: (from, signal) => home.log.tail(from, signal),
      read: (partition, from, limit) => home.log.read(partition, from, limit),
      sizes: async () => {
        // Asked once to catch up, once for how far it came, and again when the new projection begins to grow.
        if (++calls === 3) await late.recorder.appendTo(home)
        return home.log.sizes()
      },
    }
    const { equal, asOf } = await rebuild({ pool: home.pool, log })
    expect(equal).toBe(true)
    expect(asOf.behind).toBeGreaterThan(0)
    expect((await project(home)).behind).toBe(0)
  })

  it('meets the events of all partitions in the order in which their hosts wrote them', async () => {
    const { home } = held
    await rebuild(home)
    const { rows } = await home.pool.query<{ meta: string }>('select meta from projection.nodes order by seq')
    const times = rows.map(({ meta }) => (JSON.parse(meta) as { ce_time?: string }).ce_time ?? '')
    const byRun = times.filter((time) => time.startsWith('2026-01-01'))
    expect(byRun.length).toBeGreaterThan(500)
    const falls = byRun.filter((time, k) => k > 0 && time < byRun[k - 1]!).length
    // Several runs were appended one after the other: time falls back where one follows the other in a partition, and nowhere else.
    expect(falls).toBeLessThan(6 * home.log.partitions)
  })
})
