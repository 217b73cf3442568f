import { HansardError } from '../../events/errors.ts'
import { PluginMisbehaved, sayingOf } from '../errors.ts'

/** Whose values are awaited, and how long a next one may take. */
export interface Watch {
  readonly plugin: string
  /** The method, as errors call it. */
  readonly method: string
  readonly patienceMs: number
}

/** Stops the clock while a plugin waits for its host. */
export interface Clock {
  pause(): void
  resume(): void
}

/**
 * The values that a plugin yields, until it ends, fails, is aborted, or gives none for too long. The plugin sees a
 * signal that aborts in all these cases; whether it obeys is not waited for.
 *
 * @throws PluginMisbehaved for a time-out or an error of the plugin’s own; its HansardErrors and aborts as they are
 */
export async function* watched<T>(
  watch: Watch,
  start: (signal: AbortSignal, clock: Clock) => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  signal.throwIfAborted()
  const ended = new AbortController()
  const clock = new StopWatch(watch.patienceMs)
  let iterator: AsyncIterator<T> | undefined
  try {
    const values = start(AbortSignal.any([signal, ended.signal]), clock)
    iterator = values[Symbol.asyncIterator]()
    for (;;) {
      // The host may have aborted while it worked on the last value.
      signal.throwIfAborted()
      const next = await clock.race(iterator.next(), signal)
      if (next.done === true) return
      yield next.value
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof HansardError) throw error
    if (error instanceof TimedOut) {
      const seconds = Math.round(watch.patienceMs / 100) / 10
      throw new PluginMisbehaved(watch.plugin, `${watch.method} gave nothing for ${seconds} s`)
    }
    throw new PluginMisbehaved(watch.plugin, `${watch.method} threw: ${sayingOf(error)}`, error)
  } finally {
    clock.stop()
    ended.abort()
    // A hanging generator’s return() hangs as well; an error that it throws on the way out changes nothing any more.
    iterator?.return?.()?.then(undefined, () => undefined)
  }
}

class TimedOut extends Error {}

class StopWatch implements Clock {
  readonly #patienceMs: number
  #timer: NodeJS.Timeout | undefined
  #paused = 0
  #expire: (() => void) | undefined

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  async race<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
    let abort: (() => void) | undefined
    try {
      return await Promise.race([
        waited,
        new Promise<never>((_, reject) => {
          abort = () => reject(signal.reason)
          signal.addEventListener('abort', abort, { once: true })
          this.#expire = () => reject(new TimedOut())
          this.#start()
        }),
      ])
    } finally {
      this.stop()
      if (abort) signal.removeEventListener('abort', abort)
    }
  }

  pause(): void {
    this.#paused++
    clearTimeout(this.#timer)
  }

  resume(): void {
    this.#paused--
    if (this.#paused === 0 && this.#expire) this.#start()
  }

  stop(): void {
    this.#expire = undefined
    clearTimeout(this.#timer)
  }

  #start(): void {
    clearTimeout(this.#timer)
    if (this.#paused === 0) this.#timer = setTimeout(() => this.#expire?.(), this.#patienceMs)
  }
}
