import type { Digest, EventId, RecipeId, Recorded } from '../event.ts'
import { Poison } from '../errors.ts'
import { decodeRecord } from '../identity.ts'
import type { Memo, Position } from '../memo.ts'
import { digestArray } from './binary-array.ts'
import type { Database } from './database.ts'
import { RecordDamaged } from './database-errors.ts'

/** Digests of one query. */
const lookups = 5_000

/** One digest's row: its place among those asked for, and the columns that the query names. */
interface Row {
  readonly n: string
  readonly id: Buffer
  readonly partition: number
  readonly off: string
  readonly value: Buffer
  readonly body: Buffer
}

/** The memo in the same Postgres as the records: an append is found as soon as it is acknowledged. */
export class PostgresMemo implements Memo {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  answers(recipes: readonly RecipeId[]): Promise<readonly (Recorded | undefined)[]> {
    return this.#look(recipes, `${recordColumns} where answer and recipe = w.digest`, recordedIn)
  }

  events(ids: readonly EventId[]): Promise<readonly (Recorded | undefined)[]> {
    return this.#look(ids, `${recordColumns} where id = w.digest`, recordedIn)
  }

  positions(ids: readonly EventId[]): Promise<readonly (Position | undefined)[]> {
    return this.#look(ids, 'select partition, off from record.records where id = w.digest', (row) => ({
      partition: row.partition,
      offset: Number(row.off),
    }))
  }

  texts(digests: readonly Digest[]): Promise<readonly (string | undefined)[]> {
    return this.#look(digests, 'select body from record.texts where digest = w.digest', (row) =>
      row.body.toString(),
    )
  }

  async idsWithPrefix(prefix: string, limit: number): Promise<readonly EventId[]> {
    if (!/^[0-9a-f]{0,64}$/.test(prefix)) return []
    const { rows } = await this.#database.persist((pool) =>
      pool.query<{ id: Buffer }>(
        'select id from record.records where id >= $1 and id <= $2 order by id limit $3',
        [Buffer.from(prefix.padEnd(64, '0'), 'hex'), Buffer.from(prefix.padEnd(64, 'f'), 'hex'), limit],
      ),
    )
    return rows.map((row) => row.id.toString('hex'))
  }

  /** Looks digests up in batches. @param query a subquery over `w.digest` that gives at most one row */
  async #look<T>(
    digests: readonly Digest[],
    query: string,
    read: (row: Row) => T,
  ): Promise<readonly (T | undefined)[]> {
    const found = Array.from<T | undefined>({ length: digests.length })
    for (let from = 0; from < digests.length; from += lookups) {
      const { rows } = await this.#database.persist((pool) =>
        pool.query<Row>(
          `select w.n, r.* from unnest($1::bytea[]) with ordinality w(digest, n), lateral (${query} offset 0) r`,
          [digestArray(digests.slice(from, from + lookups))],
        ),
      )
      for (const row of rows) found[from + Number(row.n) - 1] = read(row)
    }
    return found
  }
}

const recordColumns = 'select id, partition, off, value from record.records'

/** @throws RecordDamaged where the stored bytes are no longer those of their id */
const recordedIn = (row: Row): Recorded => {
  const id = row.id.toString('hex')
  const where = `record ${id} (partition ${row.partition}, offset ${row.off})`
  let recorded: Recorded
  try {
    recorded = decodeRecord(row.value)
  } catch (error) {
    if (error instanceof Poison) throw new RecordDamaged(where, error.message, error)
    throw error
  }
  if (recorded.id !== id) throw new RecordDamaged(where, `its bytes have the sha-256 ${recorded.id}`)
  return recorded
}
