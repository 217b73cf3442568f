import type { Answer, Entry, TextRecord } from '../log.ts'

/** Events of one write that is shared by several callers. */
const sharedEvents = 2_000

interface Waiting {
  readonly entries: readonly Entry[]
  readonly texts: readonly TextRecord[]
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Appends of one process, one after the other. What arrives while a write is under way shares the next one: a transaction
 * costs a sync of the disk whatever its size. Appends to a log exclude each other anyhow, so several sessions would only
 * wait in the database instead of here.
 */
export class AppendQueue {
  readonly #write: (entries: readonly Entry[], texts: readonly TextRecord[]) => Promise<readonly Answer[]>
  readonly #waiting: Waiting[] = []
  #busy = false

  /** @param write appends in one transaction */
  constructor(
    write: (entries: readonly Entry[], texts: readonly TextRecord[]) => Promise<readonly Answer[]>,
  ) {
    this.#write = write
  }

  /** Resolves when the entries are durable; a caller that awaits it before it goes on cannot outrun the disk. */
  append(entries: readonly Entry[], texts: readonly TextRecord[]): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, texts, resolve, reject })
      if (!this.#busy) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const callers = this.#nextCallers()
      try {
        await this.#writeFor(callers)
      } catch (error) {
        // One caller's trouble is not its neighbours': each gets a write of its own.
        if (callers.length === 1) callers[0]!.reject(error)
        else for (const caller of callers) await this.#writeFor([caller]).catch((own) => caller.reject(own))
      }
    }
    this.#busy = false
  }

  #nextCallers(): readonly Waiting[] {
    let events = 0
    let callers = 0
    for (const { entries } of this.#waiting) {
      events += entries.length
      if (callers > 0 && events > sharedEvents) break
      callers++
    }
    return this.#waiting.splice(0, callers)
  }

  async #writeFor(callers: readonly Waiting[]): Promise<void> {
    const answers = await this.#write(
      callers.flatMap((caller) => caller.entries),
      callers.flatMap((caller) => caller.texts),
    )
    let from = 0
    for (const { entries, resolve } of callers) resolve(answers.slice(from, (from += entries.length)))
  }
}
