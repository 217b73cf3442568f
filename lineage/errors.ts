import { HansardError } from '../events/errors.ts'

/** A partition that lacks an offset which it should have: records are gone, or were never there. */
export class LogGap extends HansardError {
  constructor(topic: string, partition: number, expected: number, found: number | undefined) {
    super(
      'log_gap',
      `${topic} partition ${partition}: offset ${expected} should come next, ` +
        (found === undefined ? 'and there is no record' : `and ${found} does`),
      { exit: 3, mend: 'run `hansard verify`, and restore the log from a backup' },
    )
  }
}
