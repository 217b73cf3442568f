import type { EventId, Meta, Recorded } from '../events/event.ts'
import type { Entry, EventLog, TextRecord } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'

/** An answer waits at most this long before it is durable: a crash costs what is younger. */
const flushAfter_ms = 250
const flushAtEntries = 2_000
/** Entries on their way to the log at most; beyond, those who add wait. */
const maxWaiting = 20_000

interface Waiting {
  readonly entry: Entry
  readonly texts: readonly TextRecord[]
  readonly settle: (answer: Recorded) => void
  readonly fail: (error: unknown) => void
}

/**
 * Appends events as they come, a few hundred at a time. What `add` resolves to is the answer to the
 * event's recipe: the event itself, or what had been acknowledged under that recipe before.
 */
export class Recorder {
  readonly #log: EventLog
  readonly #memo: Memo
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #inFlight = 0
  /** Answers that differed from what had been recorded under their recipe. */
  diverged = 0

  constructor(log: EventLog, memo: Memo) {
    this.#log = log
    this.#memo = memo
  }

  add(recorded: Recorded, texts: readonly TextRecord[], meta: Meta): Promise<Recorded> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ entry: { recorded, meta }, texts, settle, fail })
      if (this.#waiting.length >= flushAtEntries) this.#send()
      else this.#timer ??= setTimeout(() => this.#send(), flushAfter_ms)
    })
  }

  /** Resolves when a producer may go on: keeps memory bounded where the database is slower than the model. */
  async room(): Promise<void> {
    while (this.#inFlight + this.#waiting.length > maxWaiting) await this.#writing
  }

  /** Writes what is waiting; resolves when all of it is durable. */
  async flush(): Promise<void> {
    this.#send()
    await this.#writing
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    const batch = this.#waiting
    this.#waiting = []
    this.#inFlight += batch.length
    this.#writing = this.#writing.then(() => this.#write(batch))
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#log.append(
        batch.map((one) => one.entry),
        batch.flatMap((one) => one.texts),
      )
      const elsewhere = new Map<EventId, Recorded>()
      const strangers = answers
        .filter((answer, k) => answer.id !== batch[k]!.entry.recorded.id)
        .map(({ id }) => id)
      for (const event of await this.#memo.events(strangers)) if (event) elsewhere.set(event.id, event)
      answers.forEach((answer, k) => {
        if (answer.diverged) this.diverged++
        batch[k]!.settle(elsewhere.get(answer.id) ?? batch[k]!.entry.recorded)
      })
    } catch (error) {
      for (const one of batch) one.fail(error)
    } finally {
      this.#inFlight -= batch.length
    }
  }
}
