import type { RunProgress } from './progress-types.ts'

export type StageProgress = Extract<RunProgress, { kind: 'stage' }>

/** Rates are taken over this long: short enough to follow a change, long enough to be steady. */
const window_ms = 15_000
const sampleEvery_ms = 250
/** A guess at the time left that is made from less than this is worse than none. */
const tellAfter_ms = 2_000

/** What is known of one stage while a run is watched: its last report, and how fast it moves. */
export class StageMeter {
  readonly #samples: { at_ms: number; done: number }[] = []
  last: StageProgress
  closed = false

  constructor(first: StageProgress, at_ms: number) {
    this.last = first
    this.#samples.push({ at_ms, done: first.done })
  }

  update(progress: StageProgress, at_ms: number): void {
    this.last = progress
    const newest = this.#samples.at(-1)
    if (newest !== undefined && this.#samples.length > 1 && at_ms - newest.at_ms < sampleEvery_ms) {
      newest.done = progress.done
      newest.at_ms = Math.max(newest.at_ms, this.#samples.at(-2)?.at_ms ?? 0)
      return
    }
    this.#samples.push({ at_ms, done: progress.done })
    while (this.#samples.length > 2 && at_ms - (this.#samples[1]?.at_ms ?? at_ms) > window_ms)
      this.#samples.shift()
  }

  /** Whether the stage did anything yet. */
  get begun(): boolean {
    return this.last.done > 0 || (this.last.asked ?? 0) > 0 || (this.last.remembered ?? 0) > 0
  }

  /** Units a second over the last moments, up to now; 0 where nothing can be said. */
  rate(now_ms: number): number {
    const oldest = this.#samples[0]
    if (oldest === undefined) return 0
    const elapsed_ms = now_ms - oldest.at_ms
    return elapsed_ms < 500 ? 0 : (1000 * (this.last.done - oldest.done)) / elapsed_ms
  }

  /** Seconds that the rest takes at this rate, or undefined where nobody can tell yet. */
  left_s(now_ms: number): number | undefined {
    if (now_ms - (this.#samples[0]?.at_ms ?? now_ms) < tellAfter_ms) return undefined
    const rate = this.rate(now_ms)
    const rest = this.last.total - this.last.done
    return rate > 0 && this.last.total > 0 && rest > 0 ? rest / rate : undefined
  }
}
