import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { DatabaseFull, DatabaseGone, troubleOf } from './database-errors.ts'

/** How long an operation waits for a database that went away; crash recovery is well within it. */
const patience_ms = 60_000

export interface DatabaseOptions {
  /** Sessions at most; default 8. */
  readonly sessions?: number
  /** Told once when an operation begins to wait for the database, and again (undefined) when it goes on. */
  readonly onWait?: (trouble: DatabaseGone | DatabaseFull | undefined) => void
  /** What is known about a server that does not come back, for the error's sentence. */
  readonly why?: () => Error | undefined
}

/**
 * A pool of sessions that outlives its server: a lost session rejects its query and nothing else, and whatever may be
 * repeated waits for the server to come back.
 */
export class Database {
  readonly pool: Pool
  readonly #options: DatabaseOptions

  constructor(url: string, options: DatabaseOptions = {}) {
    this.#options = options
    this.pool = new Pool({
      connectionString: url,
      application_name: 'hansard',
      max: options.sessions ?? 8,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 20_000,
    })
    // Without a listener, an error of an idle session or of one that is lent out would end the process.
    this.pool.on('error', () => undefined)
    this.pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /**
   * Runs an operation that may safely run twice, again and again while the database is away (up to a minute) or full (for
   * as long as it is).
   * @throws DatabaseGone, or whatever else the operation throws
   */
  async persist<T>(operation: (pool: Pool) => Promise<T>): Promise<T> {
    const deadline = performance.now() + patience_ms
    let told: string | undefined
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await operation(this.pool)
        if (told !== undefined) this.#options.onWait?.(undefined)
        return result
      } catch (error) {
        const why = this.#options.why?.()
        const trouble = troubleOf(error) === 'gone' && troubleOf(why) === 'full' ? 'full' : troubleOf(error)
        if (trouble === 'other') throw error
        const told_now =
          trouble === 'full' ? new DatabaseFull(error) : new DatabaseGone(goneBecause(error, why), error)
        if (trouble === 'gone' && performance.now() > deadline) throw told_now
        if (told !== trouble) this.#options.onWait?.(told_now)
        told = trouble
        await sleep(Math.min(2_000, 50 * (attempt + 1) * (attempt + 1)))
      }
    }
  }

  async close(): Promise<void> {
    await this.pool.end()
  }
}

const goneBecause = (error: unknown, why: Error | undefined): string => {
  const reason = why ?? error
  return `the database does not answer: ${reason instanceof Error ? reason.message : String(reason)}`
}
