import { ClosedStages } from './closed-stages.ts'
import { duration } from './numbers.ts'
import type { Paint } from './paint.ts'
import type { ProgressView, RunProgress } from './progress-types.ts'
import { closedLine, exhibitLines, liveLines } from './stage-lines.ts'
import { StageMeter } from './stage-meter.ts'
import { visible } from './visible.ts'
import { width, wrap } from './width.ts'

/** What the live view needs of a terminal: `process.stderr`, or a recorder in tests. */
export interface Screen {
  write(text: string): void
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** Redrawn at most this often, and at least every second while anything is open, for the clock's sake. */
const redrawEvery_ms = 80
const clockEvery_ms = 1_000

/** Begin and end of a synchronised update: terminals that know it draw the frame at once, others ignore it. */
const begin = '\x1b[?2026h'
const end = '\x1b[?2026l'

/**
 * Progress on a terminal: what is done goes to the scrollback, a block of a few lines below it stays live.
 * Nothing but cursor moves and erasing is used: killed at any moment it leaves the terminal as it was.
 */
export class LiveProgress implements ProgressView {
  readonly #screen: Screen
  readonly #paint: Paint
  readonly #now: () => number
  readonly #started_ms: number
  /** By title: a training goes on under one title, closed at every checkpoint. */
  readonly #meters = new Map<string, StageMeter>()
  readonly #titles = new Map<string, string>()
  readonly #closed = new ClosedStages()
  readonly #clock: NodeJS.Timeout
  readonly #onResize = (): void => this.#draw([])
  #latest: StageMeter | undefined
  #block: readonly string[] = []
  /** Whether the last line that stays is empty: the block keeps one empty line between them. */
  #spaced = false
  #drawn_ms = Number.NEGATIVE_INFINITY
  #pending: NodeJS.Timeout | undefined
  #finished = false

  constructor(screen: Screen, paint: Paint, now: () => number) {
    this.#screen = screen
    this.#paint = paint
    this.#now = now
    this.#started_ms = now()
    this.#clock = setInterval(() => this.#draw([]), clockEvery_ms)
    this.#clock.unref()
    screen.on('resize', this.#onResize)
  }

  show(progress: RunProgress): void {
    if (this.#finished) return
    const columns = this.#columns()
    switch (progress.kind) {
      case 'stage': {
        const known = this.#meters.get(progress.title)
        const meter = known ?? new StageMeter(progress, this.#now())
        if (known === undefined) this.#meters.set(progress.title, meter)
        else {
          known.closed = false
          known.update(progress, this.#now())
        }
        if (this.#latest === undefined || meter.begun) this.#latest = meter
        this.#titles.set(progress.stage, progress.title)
        const told = meter.begun ? this.#closed.take(meter) : undefined
        return told === undefined ? this.#soon() : this.#draw([closedLine(told, columns, this.#paint)])
      }
      case 'exhibit':
        return this.#draw([
          ...this.#toldNow(),
          ...exhibitLines(progress.title, progress.lines, columns, this.#paint),
        ])
      case 'notice':
        return this.#draw([...this.#toldNow(), ...wrap(visible(progress.line), columns)])
      case 'closed': {
        const meter = this.#meterOf(progress)
        meter.closed = true
        if (this.#latest === meter) this.#latest = undefined
        const told = this.#closed.close({ meter, events: progress.events, seconds: progress.seconds })
        return this.#draw(told === undefined ? [] : [closedLine(told, columns, this.#paint)])
      }
    }
  }

  finish(): void {
    if (this.#finished) return
    const told = this.#toldNow()
    if (told.length > 0) this.#draw(told)
    this.#finished = true
    clearInterval(this.#clock)
    clearTimeout(this.#pending)
    this.#screen.off('resize', this.#onResize)
    this.#screen.write(this.#erase())
    this.#block = []
  }

  /** The line of a closed stage that was waiting for what comes next. */
  #toldNow(): string[] {
    const told = this.#closed.take()
    return told === undefined ? [] : [closedLine(told, this.#columns(), this.#paint)]
  }

  /** A stage may close that had nothing to count. */
  #meterOf({ stage }: { stage: string }): StageMeter {
    const title = this.#titles.get(stage) ?? stage
    const known = this.#meters.get(title)
    if (known !== undefined) return known
    const meter = new StageMeter({ kind: 'stage', stage, title, done: 0, total: 0, unit: '' }, this.#now())
    this.#meters.set(title, meter)
    return meter
  }

  #columns(): number {
    // The last column stays free: many terminals wrap when it is filled.
    return Math.max(20, (this.#screen.columns ?? 80) - 1)
  }

  #soon(): void {
    const since_ms = this.#now() - this.#drawn_ms
    if (since_ms >= redrawEvery_ms) return this.#draw([])
    this.#pending ??= setTimeout(() => this.#draw([]), redrawEvery_ms - since_ms).unref()
  }

  /** Goes up over the block that stands there now, reflowed to the present width, and clears from there on. */
  #erase(): string {
    if (this.#block.length === 0) return ''
    const columns = this.#screen.columns ?? 80
    const rows = this.#block.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0)
    const up = Math.min(rows - 1, (this.#screen.rows ?? 24) - 1)
    return `\r${up > 0 ? `\x1b[${up}A` : ''}\x1b[J`
  }

  #draw(lasting: readonly string[]): void {
    if (this.#finished) return
    clearTimeout(this.#pending)
    this.#pending = undefined
    const now_ms = this.#now()
    this.#drawn_ms = now_ms
    const size = { columns: this.#columns(), rows: this.#screen.rows ?? 24 }
    if (lasting.length > 0) this.#spaced = lasting.at(-1) === ''
    const elapsed_s = (now_ms - this.#started_ms) / 1000
    const live =
      this.#meters.size === 0
        ? [this.#paint.dim(`  ${duration(elapsed_s)} so far`)]
        : liveLines([...this.#meters.values()], this.#latest, elapsed_s, now_ms, size, this.#paint)
    const block = live.length === 0 || this.#spaced ? live : ['', ...live]
    const kept = lasting.map((line) => `${line}\n`).join('')
    this.#screen.write(`${begin}${this.#erase()}${kept}${block.join('\n')}${end}`)
    this.#block = block
  }
}
