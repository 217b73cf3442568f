import { counted, duration, grouped, perSecond } from './numbers.ts'
import type { ProgressView, RunProgress } from './progress-types.ts'
import { doneOf } from './stage-lines.ts'
import { StageMeter } from './stage-meter.ts'
import { visible } from './visible.ts'

/** A stage at work speaks this often. */
const every_ms = 5_000

/** Progress as lines with the time (UTC) before them: for files, pipes and terminals that cannot move a cursor. */
export class PlainProgress implements ProgressView {
  readonly #write: (text: string) => void
  readonly #now: () => number
  readonly #meters = new Map<string, StageMeter>()
  readonly #spokeAt_ms = new Map<string, number>()

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write
    this.#now = now
  }

  show(progress: RunProgress): void {
    switch (progress.kind) {
      case 'stage':
        return this.#stage(progress)
      case 'exhibit':
        this.#line(visible(progress.title))
        for (const line of progress.lines) this.#line(`│ ${visible(line)}`)
        return
      case 'notice':
        return this.#line(visible(progress.line))
      case 'closed': {
        const last = this.#meters.get(progress.stage)?.last
        const title = visible(last?.title ?? progress.stage)
        const memory = last?.remembered ? `, ${grouped(last.remembered)} remembered` : ''
        const done = last === undefined ? '' : `${counted(last.done, visible(last.unit))}${memory}, `
        this.#meters.delete(progress.stage)
        return this.#line(
          `${title} closed: ${done}${counted(progress.events, 'events')}, ${duration(progress.seconds)}`,
        )
      }
    }
  }

  finish(): void {
    this.#meters.clear()
  }

  #stage(progress: Extract<RunProgress, { kind: 'stage' }>): void {
    const now_ms = this.#now()
    const known = this.#meters.get(progress.stage)
    const meter = known ?? new StageMeter(progress, now_ms)
    if (known === undefined) this.#meters.set(progress.stage, meter)
    else meter.update(progress, now_ms)
    const spoke_ms = this.#spokeAt_ms.get(progress.stage)
    // Stages announced before their turn stay silent until they begin.
    if (spoke_ms === undefined ? !meter.begun && progress.total > 0 : now_ms - spoke_ms < every_ms) return
    this.#spokeAt_ms.set(progress.stage, now_ms)
    const rate = meter.rate(now_ms)
    const left = meter.left_s(now_ms)
    const pace =
      (rate > 0 ? `, ${perSecond(rate)}` : '') + (left === undefined ? '' : `, ${duration(left)} left`)
    this.#line(`${visible(progress.title)}: ${doneOf(meter)}${pace}`)
  }

  #line(text: string): void {
    const at = new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z')
    this.#write(`${at} ${text}\n`)
  }
}
