import type { StageMeter } from './stage-meter.ts'

export interface ClosedStage {
  readonly meter: StageMeter
  readonly events: number
  readonly seconds: number
}

/**
 * A training is closed and opened again at every checkpoint. Stages of one title that follow each other are told as one,
 * when something else begins.
 */
export class ClosedStages {
  #waiting: ClosedStage | undefined

  /** Notes that a stage is closed; hands out what another title had waiting. */
  close(closed: ClosedStage): ClosedStage | undefined {
    // A stage that had nothing to do is not worth a line.
    if (closed.events === 0 && closed.meter.last.done === 0) return undefined
    const before = this.#waiting
    if (before?.meter !== closed.meter) {
      this.#waiting = closed
      return before
    }
    this.#waiting = {
      meter: closed.meter,
      events: before.events + closed.events,
      seconds: before.seconds + closed.seconds,
    }
    return undefined
  }

  /** What can be told now that `next` is at work, or nothing more comes. */
  take(next?: StageMeter): ClosedStage | undefined {
    if (this.#waiting === undefined || this.#waiting.meter === next) return undefined
    const told = this.#waiting
    this.#waiting = undefined
    return told
  }
}
