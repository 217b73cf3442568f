import { HansardError } from '../events/errors.ts'
import type { EventId } from '../events/event.ts'

/** A partition that lacks a record which it should have: it is gone, or was never there. */
export class LogGap extends HansardError {
  constructor(topic: string, partition: number, offset: number) {
    super('log_gap', `${topic} partition ${partition} has no record at offset ${offset}`, {
      exit: 3,
      mend: 'run `hansard verify` to see what else is missing, and restore the record from a backup',
    })
  }
}

/** An id or a beginning of one that names nothing here. */
export class NoSuchEvent extends HansardError {
  constructor(asked: string, what = 'event') {
    super('no_such_event', `no ${what} starts with "${asked.slice(0, 80)}"`, {
      exit: 2,
      mend: what === 'run' ? 'list the runs with `hansard runs`' : 'list events with `hansard events`',
    })
  }
}

/** Something an id could be short for. */
export interface Candidate {
  readonly id: EventId
  readonly type: string
  /** When it was recorded, as the host that wrote it says. */
  readonly time: string | undefined
}

/** A beginning of an id that several ids share. */
export class AmbiguousId extends HansardError {
  readonly candidates: readonly Candidate[]

  constructor(asked: string, candidates: readonly Candidate[], more: boolean) {
    const list = candidates.map(
      ({ id, type, time }) =>
        `\n  ${id.slice(0, Math.max(12, asked.length + 4))}  ${type}${time === undefined ? '' : `  ${time}`}`,
    )
    super(
      'ambiguous_id',
      `"${asked}" is the beginning of several ids:${list.join('')}${more ? '\n  …' : ''}`,
      {
        exit: 2,
        mend: 'give a few more digits',
      },
    )
    this.candidates = candidates
  }
}
