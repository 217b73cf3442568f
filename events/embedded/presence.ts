import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/**
 * One session that stands for a command as long as it runs, however long it asks the database nothing, so that the
 * keeper does not stop the server beneath it. Lost with its server, it brings the server up again.
 */
export class Presence {
  readonly #arrive: () => Promise<pg.Client>
  readonly #closed = new AbortController()
  #client: pg.Client
  #trouble: Error | undefined
  #reviving: Promise<void> = Promise.resolve()

  private constructor(arrive: () => Promise<pg.Client>, client: pg.Client) {
    this.#arrive = arrive
    this.#client = client
    this.#watch(client)
  }

  /** @param arrive brings the server up and connects */
  static async enter(arrive: () => Promise<pg.Client>): Promise<Presence> {
    return new Presence(arrive, await arrive())
  }

  /** Why the server is not back yet, if it is not. */
  get trouble(): Error | undefined {
    return this.#trouble
  }

  async leave(): Promise<void> {
    this.#closed.abort()
    await this.#reviving
    await this.#client.end()
  }

  #watch(client: pg.Client): void {
    client.once('end', () => {
      if (!this.#closed.signal.aborted) this.#reviving = this.#revive()
    })
  }

  async #revive(): Promise<void> {
    const { signal } = this.#closed
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        this.#client = await this.#arrive()
        this.#trouble = undefined
        this.#watch(this.#client)
        return
      } catch (error) {
        this.#trouble = error instanceof Error ? error : new Error(String(error))
        await sleep(Math.min(5_000, 200 * (attempt + 1) * (attempt + 1)), undefined, {
          signal,
          ref: false,
        }).catch(() => undefined)
      }
    }
  }
}
