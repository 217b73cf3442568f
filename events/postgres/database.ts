import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { DatabaseFull, DatabaseGone, troubleOf } from './database-errors.ts'
import { saidBy } from './error-code.ts'

/** How long an operation waits for a database that went away; crash recovery is well within it. */
const patience_ms = 60_000

export interface DatabaseOptions {
  /** Sessions at most; default 8. */
  readonly sessions?: number
  /** Told when operations begin to wait for the database, and (undefined) when they go on. */
  readonly onWait?: (trouble: DatabaseGone | DatabaseFull | undefined) => void
  /** Whether there is room for another write; default always. */
  readonly hasRoom?: () => Promise<boolean>
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
  #told: DatabaseGone | DatabaseFull | undefined

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
  persist<T>(operation: (pool: Pool) => Promise<T>): Promise<T> {
    return this.#insist(operation, false)
  }

  /**
   * The same for an operation that writes. It waits before the disk is really full: a server that can write its log no more
   * stops, and then nothing can be read either.
   */
  persistWrite<T>(operation: (pool: Pool) => Promise<T>): Promise<T> {
    return this.#insist(async (pool) => {
      if ((await this.#options.hasRoom?.()) === false) throw new DatabaseFull()
      return operation(pool)
    }, true)
  }

  async #insist<T>(operation: (pool: Pool) => Promise<T>, writes: boolean): Promise<T> {
    const deadline = performance.now() + patience_ms
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await operation(this.pool)
        // That something could be read says nothing about room to write.
        if (writes || !(this.#told instanceof DatabaseFull)) this.#tell(undefined)
        return result
      } catch (error) {
        const trouble = this.#troubleWith(error)
        if (trouble === undefined) throw error
        if (trouble instanceof DatabaseGone && performance.now() > deadline) throw trouble
        this.#tell(trouble)
        await sleep(Math.min(2_000, 50 * (attempt + 1) * (attempt + 1)))
      }
    }
  }

  /** What an error is a sign of, where waiting may mend it. */
  #troubleWith(error: unknown): DatabaseGone | DatabaseFull | undefined {
    const why = this.#options.why?.()
    const trouble = troubleOf(error)
    if (trouble === 'other') return undefined
    if (trouble === 'full' || troubleOf(why) === 'full') return new DatabaseFull(error)
    return new DatabaseGone(`the database does not answer: ${saidBy(why ?? error)}`, error)
  }

  /** Once for each change, however many operations wait. */
  #tell(trouble: DatabaseGone | DatabaseFull | undefined): void {
    if (this.#told?.code === trouble?.code) return
    this.#told = trouble
    this.#options.onWait?.(trouble)
  }

  async close(): Promise<void> {
    await this.pool.end()
  }
}
