import { Worker } from 'node:worker_threads'
import { ThreadLost } from '../errors.ts'
import type { Shape } from '../lm/shape.ts'
import type { Control, Job, JobPart, Message, Reply, WorkerSettings } from './jobs.ts'

/** Worker threads load the sources as they are, or what was compiled from them to dist/. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

interface Open {
  readonly part: (part: JobPart) => void
  readonly fail: (error: Error) => void
  readonly finish: () => void
  /** Threads that have not finished. */
  left: number
}

/** Threads that share every job; how many they are changes no result. */
export class Crew {
  readonly threads: number
  readonly #workers: Worker[]
  readonly #open = new Map<number, Open>()
  #next = 0
  /** Why no more work can be done. */
  #lost: Error | undefined

  constructor(shape: Shape, threads: number) {
    this.threads = Math.max(1, threads)
    const workerData: WorkerSettings = { shape }
    this.#workers = Array.from({ length: this.threads }, () => {
      const worker = new Worker(WORKER, { workerData })
      worker.on('message', (reply: Reply) => this.#receive(reply))
      worker.on('error', (error) => this.#failAll(new ThreadLost('an error was not caught', error)))
      worker.on('exit', (code) => this.#failAll(new ThreadLost(`it ended with exit code ${code}`)))
      worker.unref()
      return worker
    })
  }

  /** Gives each thread its job and calls `part` with what they hand over; resolves when all have finished. */
  run(jobFor: (thread: number) => Job, part: (part: JobPart) => void): Promise<void> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost)
        return
      }
      this.#open.set(id, { part, finish: resolve, fail: reject, left: this.threads })
      this.#workers.forEach((worker, thread) => {
        // While there is work, the process stays.
        worker.ref()
        const message: Message = { id, job: jobFor(thread) }
        worker.postMessage(message)
      })
    })
  }

  /** Results as they come, from threads that take items of one job by turns. Stops the threads when left early. */
  async *stream(
    jobWith: (control: Control) => Job,
    signal?: AbortSignal,
  ): AsyncGenerator<JobPart, void, undefined> {
    signal?.throwIfAborted()
    const control = new Int32Array(new SharedArrayBuffer(8))
    const ready: JobPart[] = []
    let wake = (): void => {}
    let isDone = false
    let failure: unknown
    const stop = (): void => {
      Atomics.store(control, 1, 1)
      wake()
    }
    signal?.addEventListener('abort', stop, { once: true })
    const job = jobWith(control)
    this.run(
      () => job,
      (part) => {
        ready.push(part)
        wake()
      },
    )
      .catch((error: unknown) => (failure = error))
      .finally(() => {
        isDone = true
        wake()
      })
    try {
      for (;;) {
        signal?.throwIfAborted()
        const part = ready.shift()
        if (part) yield part
        else if (failure) throw failure
        else if (isDone) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      stop()
      signal?.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #receive(reply: Reply): void {
    const open = this.#open.get(reply.id)
    if (!open) return
    if ('part' in reply) return open.part(reply.part)
    if ('error' in reply) {
      open.fail(new ThreadLost(reply.error))
    }
    if (--open.left > 0) return
    open.finish()
    this.#open.delete(reply.id)
    if (this.#open.size === 0) for (const worker of this.#workers) worker.unref()
  }

  #failAll(error: Error): void {
    this.#lost ??= error
    for (const open of this.#open.values()) open.fail(error)
    this.#open.clear()
  }
}
