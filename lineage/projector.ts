import type { ClientBase, Pool, PoolClient } from 'pg'
import type { EventLog, LogRecord } from '../events/log.ts'
import { int4Array, int8Array } from '../events/postgres/binary-array.ts'
import { type MergedBatch, mergedBatches, type MergeOptions, type Positions } from './merged-log.ts'
import { type Projected, projectRecord } from './projected-rows.ts'
import { writeRows } from './projection-rows.ts'
import { createIndexes, createTables, hasProjection, projectionSchema } from './projection-schema.ts'
import { outlivingDatabase } from './outliving-database.ts'
import { inTransaction, withClient } from './transaction.ts'

/** What a projector needs of a home. */
export interface ProjectorHome {
  readonly pool: Pool
  readonly log: EventLog
}

/** How far a projection has come. */
export interface AsOf {
  /** Records projected, over all partitions. */
  readonly records: number
  /** Records that the log holds beyond them: 0 where the projection is whole. */
  readonly behind: number
}

/** Records after which the planner's statistics are made anew. */
const worthAnalysing = 2_000
/** An arbitrary constant: the one lock under which a database's projection is written. */
const projectorLock = 4_712_031_806

/**
 * Brings the projection up to what the log holds now. Batch by batch, each in one transaction with the position that it
 * reached, so a killed projector goes on where it was. Several may be called at once: they take turns.
 * @param signal ends it early, after the batch in hand; the answer then says how far it is behind
 * @throws LogGap where a partition's offsets are not what they should be
 */
export const project = (home: ProjectorHome, signal?: AbortSignal): Promise<AsOf> =>
  withProjectorLock(home.pool, async (client) => {
    if (!(await hasProjection(client)))
      await inTransaction(client, async () => {
        await createTables(client, projectionSchema)
        await createIndexes(client, projectionSchema)
      })
    return catchUp(client, home.log, projectionSchema, { signal })
  })

/**
 * Holds the lock of this database's projector while the act lasts; waits for whoever has it. Where the database goes away,
 * the act begins anew when it is back.
 */
export const withProjectorLock = <T>(pool: Pool, act: (client: PoolClient) => Promise<T>): Promise<T> =>
  outlivingDatabase(() =>
    withClient(pool, async (client) => {
      await client.query('select pg_advisory_lock($1)', [projectorLock])
      // Where the act fails, its session is closed, and the lock is free with it.
      const result = await act(client)
      await client.query('select pg_advisory_unlock($1)', [projectorLock])
      return result
    }),
  )

/** Follows the log into one schema until it holds what the log held at the start. The caller has the projector's lock. */
export const catchUp = async (
  client: ClientBase,
  log: EventLog,
  schema: string,
  options: MergeOptions = {},
): Promise<AsOf> => {
  const positions = await readPositions(client, schema)
  // The next batch is read and decoded while Postgres still writes this one.
  let writing: Promise<void> = Promise.resolve()
  let written = 0
  for await (const batch of mergedBatches(log, positions, options)) {
    await writing
    writing = writeBatch(client, schema, batch)
    writing.catch(() => undefined)
    written += batch.projected.length
  }
  await writing
  // Without statistics Postgres joins a million edges as if there were a handful; its own analysis comes a minute later.
  if (written >= worthAnalysing) await client.query(`analyze ${schema}.nodes; analyze ${schema}.edges`)
  return asOf(log, await readPositions(client, schema))
}

/**
 * Puts records into the projection, whatever their order and however often they come: the state depends on the set alone.
 * Keeps no position. The caller has the projector's lock, or is the only one.
 */
export const projectRecords = (
  client: ClientBase,
  schema: string,
  records: readonly LogRecord[],
): Promise<void> => {
  const projected = records.map(projectRecord)
  return inTransaction(client, async () => {
    await client.query(`set local search_path = ${schema}`)
    await write(client, projected)
  })
}

const write = (client: ClientBase, projected: readonly Projected[]): Promise<void> =>
  writeRows(
    client,
    projected.flatMap((one) => (one.kind === 'record' ? [one.record] : [])),
    projected.flatMap((one) => (one.kind === 'poison' ? [one.poison] : [])),
  )

const writeBatch = (
  client: ClientBase,
  schema: string,
  { projected, positions }: MergedBatch,
): Promise<void> =>
  inTransaction(client, async () => {
    // Position and rows are lost together or kept together: nothing need wait for the disk.
    await client.query(`set local search_path = ${schema}; set local synchronous_commit = off`)
    await write(client, projected)
    await client.query(
      `insert into position(partition, next) select * from unnest($1::int4[], $2::int8[])
        on conflict (partition) do update set next = excluded.next`,
      [int4Array([...positions.keys()]), int8Array([...positions.values()])],
    )
  })

/** How far the projection in a schema has come. */
export const readPositions = async (client: ClientBase, schema: string): Promise<Positions> => {
  const { rows } = await client.query<{ partition: number; next: string }>(
    `select partition, next from ${schema}.position`,
  )
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]))
}

const asOf = async (log: EventLog, positions: Positions): Promise<AsOf> => {
  let records = 0
  let behind = 0
  for (const { partition, next } of await log.sizes()) {
    const reached = positions.get(partition) ?? 0
    records += reached
    behind += Math.max(0, next - reached)
  }
  return { records, behind }
}
