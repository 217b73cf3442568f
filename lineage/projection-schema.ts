import type { ClientBase } from 'pg'

/** Raised when the tables below change: a projection of another format is made again from the log. */
export const projectionFormat = 1

/** Where readers look. While it is made again, the new one grows under another name beside it. */
export const projectionSchema = 'projection'

/**
 * The tables of a projection. Nothing here is a source: all of it can be made again from the log, hence no foreign keys
 * (edges may dangle while a parent's partition lags) and no checks that a forged record could trip over.
 *
 * `seq` is the order in which this projection met the records: good for pages, no part of its digest.
 * `run` is the header `ce_run`, a hint. `texts` holds the digests that an event names, 32 bytes each.
 */
const tables = `
  create table state(format int not null, seq bigint not null);
  create table position(partition int primary key, next bigint not null);
  create table nodes(
    id bytea not null, seq bigint not null, recipe bytea not null, type text not null, v int not null,
    subject text not null, round bigint not null, i bigint not null, partition int not null, off bigint not null,
    status text not null, reason text, by_plugin text not null, depth smallint, texts bytea, run bytea,
    meta text not null);
  create table edges(child bytea not null, parent bytea not null, role text not null, pos int not null);
  create table quarantine(
    partition int not null, off bigint not null, reason text not null, what text not null, digest bytea not null,
    bytes int not null, primary key (partition, off));
`

/** What writing itself needs: which ids are there. */
const keys = 'alter table nodes add primary key (id)'

/** What readers need; where a projection is built from nothing they are made last, in one go. */
const indexes = `
  create index nodes_by_type on nodes(type, seq);
  create index nodes_by_seq on nodes(seq);
  alter table edges add primary key (child, pos);
  create index edges_by_parent on edges(parent);
`

/** Whether a projection of this format is there. */
export const hasProjection = async (client: ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('${projectionSchema}.state') is not null as there`,
  )
  if (rows[0]?.there !== true) return false
  const state = await client.query<{ format: number }>(`select format from ${projectionSchema}.state`)
  return state.rows[0]?.format === projectionFormat
}

/** Makes the empty tables of a projection under a name, over whatever is there. The caller's transaction holds it together. */
export const createTables = async (client: ClientBase, schema: string): Promise<void> => {
  await client.query(`drop schema if exists ${schema} cascade; create schema ${schema}`)
  await client.query(`set local search_path = ${schema}`)
  await client.query(tables)
  await client.query(keys)
  await client.query('insert into state(format, seq) values ($1, 0)', [projectionFormat])
}

export const createIndexes = async (client: ClientBase, schema: string): Promise<void> => {
  await client.query(`set local search_path = ${schema}`)
  await client.query(indexes)
}
