import { type ClosedStage, ClosedStages } from './closed-stages.ts'
import { duration, perSecond } from './numbers.ts'
import type { ProgressView, RunProgress } from './progress-types.ts'
import { closedParts, doneOf } from './stage-lines.ts'
import { StageMeter } from './stage-meter.ts'
import { visible } from './visible.ts'

/** A stage at work speaks this often. */
const every_ms = 5_000

/** Progress as lines with the time (UTC) before them: for files, pipes and terminals that cannot move a cursor. */
export class PlainProgress implements ProgressView {
  readonly #write: (text: string) => void
  readonly #now: () => number
  /** By title: a training goes on under one title, closed at every checkpoint. */
  readonly #meters = new Map<string, StageMeter>()
  readonly #titles = new Map<string, string>()
  readonly #closed = new ClosedStages()
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
        this.#tell(this.#closed.take())
        this.#line(visible(progress.title))
        for (const line of progress.lines) this.#line(`│ ${visible(line)}`)
        return
      case 'notice':
        this.#tell(this.#closed.take())
        return this.#line(visible(progress.line))
      case 'closed': {
        const title = this.#titles.get(progress.stage) ?? progress.stage
        const meter =
          this.#meters.get(title) ??
          new StageMeter(
            { kind: 'stage', stage: progress.stage, title, done: 0, total: 0, unit: '' },
            this.#now(),
          )
        this.#meters.set(title, meter)
        return this.#tell(this.#closed.close({ meter, events: progress.events, seconds: progress.seconds }))
      }
    }
  }

  finish(): void {
    this.#tell(this.#closed.take())
  }

  #stage(progress: Extract<RunProgress, { kind: 'stage' }>): void {
    const now_ms = this.#now()
    const { title } = progress
    const known = this.#meters.get(title)
    const meter = known ?? new StageMeter(progress, now_ms)
    if (known === undefined) this.#meters.set(title, meter)
    else meter.update(progress, now_ms)
    this.#titles.set(progress.stage, title)
    if (meter.begun) this.#tell(this.#closed.take(meter))
    const spoke_ms = this.#spokeAt_ms.get(title)
    // Stages announced before their turn stay silent until they begin.
    if (spoke_ms === undefined ? !meter.begun && progress.total > 0 : now_ms - spoke_ms < every_ms) return
    this.#spokeAt_ms.set(title, now_ms)
    const rate = meter.rate(now_ms)
    const left = meter.left_s(now_ms)
    const pace =
      (rate > 0 ? `, ${perSecond(rate)}` : '') + (left === undefined ? '' : `, ${duration(left)} left`)
    this.#line(`${visible(title)}: ${doneOf(meter)}${pace}`)
  }

  #tell(closed: ClosedStage | undefined): void {
    if (closed === undefined) return
    const parts = [...closedParts(closed), duration(closed.seconds)]
    this.#line(`${visible(closed.meter.last.title)} closed: ${parts.join(', ')}`)
  }

  #line(text: string): void {
    const at = new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z')
    this.#write(`${at} ${text}\n`)
  }
}
