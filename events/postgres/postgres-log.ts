import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import type { Answer, Entry, EventLog, LogRecord, PartitionSize, TextRecord } from '../log.ts'
import {
  answersOf,
  checkEntries,
  makeBatch,
  statementsOf,
  type Known,
  type Statement,
} from './append-batch.ts'
import { AppendQueue } from './append-queue.ts'
import { int4Array, int8Array } from './binary-array.ts'
import type { Database } from './database.ts'
import { decodeHeaders } from './headers.ts'

/** How often a tail looks for new records when there were none. */
const poll_ms = 100
/** Records that a tail yields at once. */
const tailRecords = 1_000

interface Row {
  readonly partition: number
  readonly off: string
  readonly key: Buffer
  readonly headers: Buffer
  readonly value: Buffer
}

/** The log as tables in Postgres. Offsets are given under a lock of their partition, so they are gapless and in commit order. */
export class PostgresLog implements EventLog {
  readonly topic: string
  readonly partitions: number
  readonly #database: Database
  readonly #queue = new AppendQueue((entries, texts) => this.#write(entries, texts))

  private constructor(database: Database, topic: string, partitions: number) {
    this.#database = database
    this.topic = topic
    this.partitions = partitions
  }

  /** Reads the log's name and number of partitions from the database. */
  static async open(database: Database): Promise<PostgresLog> {
    const { rows } = await database.persist((pool) =>
      pool.query<{ topic: string; partitions: number }>('select topic, partitions from record.log'),
    )
    const { topic, partitions } = rows[0]!
    return new PostgresLog(database, topic, partitions)
  }

  async append(entries: readonly Entry[], texts: readonly TextRecord[]): Promise<readonly Answer[]> {
    checkEntries(entries, texts)
    if (entries.length === 0 && texts.length === 0) return []
    return this.#queue.append(entries, texts)
  }

  async #write(entries: readonly Entry[], texts: readonly TextRecord[]): Promise<readonly Answer[]> {
    const batch = makeBatch(entries, texts, this.partitions)
    const statements = statementsOf(batch)
    // Safe to repeat: what the lost attempt wrote after all is found to be known.
    const known = await this.#database.persistWrite((pool) =>
      statements.length === 1
        ? writeStatements(pool, statements)
        : inTransaction(pool, async (client) => {
            await client.query('select record.lock_partitions($1)', [int4Array(batch.partitions)])
            return writeStatements(client, statements)
          }),
    )
    return answersOf(entries, known)
  }

  async read(partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    const { rows } = await this.#database.persist((pool) =>
      pool.query<Row>(
        `select partition, off, key, headers, value from record.records
         where partition = $1 and off >= $2 order by off limit $3`,
        [partition, from, limit],
      ),
    )
    return rows.map((row) => this.#recordOf(row))
  }

  async sizes(): Promise<readonly PartitionSize[]> {
    const { rows } = await this.#database.persist((pool) =>
      pool.query<{ partition: number; next: string }>(
        `select p as partition, (select coalesce(max(off) + 1, 0) from record.records where partition = p) as next
         from generate_series(0, $1::int - 1) p order by p`,
        [this.partitions],
      ),
    )
    return rows.map((row) => ({ partition: row.partition, next: Number(row.next) }))
  }

  async *tail(
    from: ReadonlyMap<number, number>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[], void, void> {
    const next = new Map((await this.sizes()).map((size) => [size.partition, size.next]))
    for (const [partition, offset] of from) next.set(partition, offset)
    while (!signal.aborted) {
      const records = await this.#after(next)
      for (const record of records) next.set(record.partition, record.offset + 1)
      if (records.length > 0) yield records
      else await sleep(poll_ms, undefined, { signal }).catch(ignoreAbort)
    }
  }

  /** The next records of all partitions, from each one's offset on. */
  async #after(next: ReadonlyMap<number, number>): Promise<readonly LogRecord[]> {
    const { rows } = await this.#database.persist((pool) =>
      pool.query<Row>(
        `select r.* from unnest($1::int[], $2::bigint[]) w(partition, next), lateral (
           select partition, off, key, headers, value from record.records r
           where r.partition = w.partition and r.off >= w.next order by r.off limit $3) r limit $3`,
        [int4Array([...next.keys()]), int8Array([...next.values()]), tailRecords],
      ),
    )
    return rows.map((row) => this.#recordOf(row))
  }

  #recordOf(row: Row): LogRecord {
    return {
      topic: this.topic,
      partition: row.partition,
      offset: Number(row.off),
      key: row.key.toString(),
      headers: decodeHeaders(row.headers),
      value: row.value,
    }
  }
}

interface KnownRow {
  readonly n: string
  readonly known: boolean
  readonly answered: Buffer
}

const writeStatements = async (
  session: Pool | PoolClient,
  statements: readonly Statement[],
): Promise<ReadonlyMap<string, Known>> => {
  const known = new Map<string, Known>()
  for (const { offers, args } of statements) {
    const { rows } = await session.query<KnownRow>({
      name: 'append',
      text: 'select n, known, answered from record.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      values: args(),
    })
    for (const row of rows)
      known.set(offers[Number(row.n) - 1]!.entry.recorded.id, {
        known: row.known,
        answered: row.answered.toString('hex'),
      })
  }
  return known
}

const inTransaction = async <T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // A session whose transaction failed is not worth mending: the pool makes another.
    broken = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.release(broken)
  }
}

const ignoreAbort = (error: unknown): void => {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
