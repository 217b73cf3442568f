import { HansardError } from '../errors.ts'
import { codeOf } from './error-code.ts'

/** The database went away, or never came, and did not come back in time. */
export class DatabaseGone extends HansardError {
  constructor(message: string, cause?: unknown) {
    super('database_gone', message, {
      exit: 1,
      mend: 'run the same command again: it starts the server where it stopped, and nothing acknowledged is lost',
      cause,
    })
  }
}

/** The database has no room left. Reading goes on; writing does when there is room. */
export class DatabaseFull extends HansardError {
  constructor(cause?: unknown) {
    super('database_full', 'the disk of the database is full: writing waits until there is room', {
      exit: 1,
      mend: 'make room on the disk; writing then goes on by itself',
      cause,
    })
  }
}

/** The database's user may not do what hansard needs, or its schema is not what this version needs. */
export class DatabaseUnusable extends HansardError {
  constructor(message: string, mend: string, cause?: unknown) {
    super('database_unusable', message, { exit: 2, mend, cause })
  }
}

/** Bytes in the database that are not what was recorded there. */
export class RecordDamaged extends HansardError {
  constructor(what: string, found: string, cause?: unknown) {
    super('record_damaged', `${what} is damaged: ${found}`, {
      exit: 3,
      mend: 'restore a backup into a new home (`hansard restore FILE`)',
      cause,
    })
  }
}

export type Trouble = 'gone' | 'full' | 'other'

/** What an error from `pg` is a sign of, by its SQLSTATE or the socket's error code. */
export const troubleOf = (error: unknown): Trouble => {
  if (!(error instanceof Error)) return 'other'
  if (error instanceof DatabaseFull) return 'full'
  const code = codeOf(error)
  if (code === '53100' || /No space left on device|ENOSPC/.test(error.message)) return 'full'
  // 08: connection; 57P01–57P05: the server stops, crashed, starts, dropped us; 53300: too many sessions.
  if (
    /^(08...|57P0[1-5]|53300|ECONN\w+|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/.test(code)
  )
    return 'gone'
  return /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    error.message,
  )
    ? 'gone'
    : 'other'
}
