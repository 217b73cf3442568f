import type { ClientBase } from 'pg'
import type { EventId } from '../events/event.ts'
import { byteaArray, digestArray, int4Array, int8Array } from '../events/postgres/binary-array.ts'
import { textArray } from './postgres-arrays.ts'
import { isKeptBefore, type ProjectedRecord, type QuarantinedRecord } from './projected-rows.ts'

/**
 * Writes records and poison into the projection that the transaction's `search_path` names. What is there already is
 * left as it is, but for metadata that come before those kept: any number of deliveries in any order end in one state.
 * The caller holds the projector's lock: nobody else writes.
 */
export const writeRows = async (
  client: ClientBase,
  records: readonly ProjectedRecord[],
  poison: readonly QuarantinedRecord[],
): Promise<void> => {
  const kept = firstOfEach(records)
  const known = await knownAmong(client, kept)
  const fresh = kept.filter(({ id }) => !known.has(id))
  if (fresh.length > 0) {
    await insertNodes(client, fresh)
    await insertEdges(client, fresh)
  }
  if (known.size > 0)
    await replaceMeta(
      client,
      kept.filter((record) => {
        const there = known.get(record.id)
        return there !== undefined && isKeptBefore(record, { ...record, ...there })
      }),
    )
  if (poison.length > 0) await insertPoison(client, poison)
}

/** A record and its rank among those that came with it. */
type Ranked = ProjectedRecord & { readonly rank: number }

/** One record an id, ascending by id: neighbours in the index are written one after the other. */
const firstOfEach = (records: readonly ProjectedRecord[]): readonly Ranked[] => {
  const byId = new Map<EventId, ProjectedRecord>()
  for (const record of records) {
    const other = byId.get(record.id)
    if (other === undefined || isKeptBefore(record, other)) byId.set(record.id, record)
  }
  let rank = 0
  return Array.from(byId.values(), (record) => ({ ...record, rank: rank++ })).sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
}

type Delivery = Pick<ProjectedRecord, 'meta' | 'partition' | 'offset'>

const knownAmong = async (
  client: ClientBase,
  records: readonly ProjectedRecord[],
): Promise<ReadonlyMap<EventId, Delivery>> => {
  const { rows } = await client.query<{ id: string; meta: string; partition: number; off: string }>({
    text: `select encode(id, 'hex') as id, meta, partition, off from nodes where id = any($1::bytea[])`,
    values: [digestArray(records.map(({ id }) => id))],
  })
  return new Map(rows.map(({ id, meta, partition, off }) => [id, { meta, partition, offset: Number(off) }]))
}

const insertNodes = async (client: ClientBase, records: readonly Ranked[]): Promise<void> => {
  // In the order in which they came, although they are written in the order of their ids; known ones leave gaps.
  const span = records.reduce((most, { rank }) => Math.max(most, rank + 1), 0)
  const { rows } = await client.query<{ seq: string }>('update state set seq = seq + $1 returning seq', [
    span,
  ])
  const before = Number(rows[0]!.seq) - span
  await client.query({
    text: `insert into nodes
      select id, seq, recipe, type, v, subject, round, i, partition, off, status, nullif(reason, ''), by_plugin,
        nullif(depth, -1)::smallint, nullif(texts, ''::bytea), nullif(run, ''::bytea), meta
      from unnest($1::bytea[], $2::int8[], $3::bytea[], $4::text[], $5::int4[], $6::text[], $7::int8[], $8::int8[],
        $9::int4[], $10::int8[], $11::text[], $12::text[], $13::text[], $14::int4[], $15::bytea[], $16::bytea[], $17::text[])
        as _(id, seq, recipe, type, v, subject, round, i, partition, off, status, reason, by_plugin, depth, texts, run, meta)`,
    values: [
      digestArray(records.map(({ id }) => id)),
      int8Array(records.map(({ rank }) => before + rank + 1)),
      digestArray(records.map(({ recipe }) => recipe)),
      textArray(records.map(({ type }) => type)),
      int4Array(records.map(({ v }) => Math.min(v, maxInt4))),
      textArray(records.map(({ subject }) => subject)),
      int8Array(records.map(({ round }) => round)),
      int8Array(records.map(({ i }) => i)),
      int4Array(records.map(({ partition }) => partition)),
      int8Array(records.map(({ offset }) => offset)),
      textArray(records.map(({ status }) => status)),
      textArray(records.map(({ reason }) => reason ?? '')),
      textArray(records.map(({ plugin }) => plugin)),
      int4Array(records.map(({ depth }) => depth ?? -1)),
      byteaArray(records.map(({ texts }) => Buffer.from(texts.join(''), 'hex'))),
      byteaArray(records.map(({ run }) => Buffer.from(run ?? '', 'hex'))),
      textArray(records.map(({ meta }) => meta)),
    ],
  })
}

const maxInt4 = 2 ** 31 - 1

const insertEdges = async (client: ClientBase, records: readonly ProjectedRecord[]): Promise<void> => {
  const children: string[] = []
  const parents: string[] = []
  const roles: string[] = []
  const positions: number[] = []
  for (const record of records)
    for (const [pos, { role, id }] of record.parents.entries()) {
      children.push(record.id)
      parents.push(id)
      roles.push(role)
      positions.push(pos)
    }
  if (parents.length === 0) return
  await client.query({
    text: `insert into edges
      select * from unnest($1::bytea[], $2::bytea[], $3::text[], $4::int4[])`,
    values: [digestArray(children), digestArray(parents), textArray(roles), int4Array(positions)],
  })
}

const replaceMeta = async (client: ClientBase, records: readonly ProjectedRecord[]): Promise<void> => {
  if (records.length === 0) return
  await client.query({
    text: `update nodes set meta = _.meta, partition = _.partition, off = _.off, run = nullif(_.run, ''::bytea)
      from unnest($1::bytea[], $2::text[], $3::int4[], $4::int8[], $5::bytea[]) as _(id, meta, partition, off, run)
      where nodes.id = _.id`,
    values: [
      digestArray(records.map(({ id }) => id)),
      textArray(records.map(({ meta }) => meta)),
      int4Array(records.map(({ partition }) => partition)),
      int8Array(records.map(({ offset }) => offset)),
      byteaArray(records.map(({ run }) => Buffer.from(run ?? '', 'hex'))),
    ],
  })
}

const insertPoison = async (client: ClientBase, poison: readonly QuarantinedRecord[]): Promise<void> => {
  await client.query({
    text: `insert into quarantine(partition, off, reason, what, digest, bytes)
      select * from unnest($1::int4[], $2::int8[], $3::text[], $4::text[], $5::bytea[], $6::int4[])
      on conflict do nothing`,
    values: [
      int4Array(poison.map(({ partition }) => partition)),
      int8Array(poison.map(({ offset }) => offset)),
      textArray(poison.map(({ reason }) => reason)),
      textArray(poison.map(({ what }) => what)),
      digestArray(poison.map(({ digest }) => digest)),
      int4Array(poison.map(({ bytes }) => bytes)),
    ],
  })
}
