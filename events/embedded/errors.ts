import { HansardError } from '../errors.ts'

/** A home whose files this version cannot use: another format, another Postgres, damaged, someone else's. */
export class UnusableHome extends HansardError {
  constructor(message: string, mend: string, cause?: unknown) {
    super('unusable_home', message, { exit: 2, mend, cause })
  }
}

/** The Postgres binaries are missing, cannot be read, or do not run on this machine. */
export class NoPostgresBinaries extends HansardError {
  constructor(message: string, mend: string, cause?: unknown) {
    super('no_postgres_binaries', message, { exit: 2, mend, cause })
  }
}

/** The embedded server did not come up. */
export class ServerDidNotStart extends HansardError {
  constructor(message: string, mend: string, cause?: unknown) {
    super('server_did_not_start', message, { exit: 1, mend, cause })
  }
}

/** Another command holds the home's server. */
export class HomeBusy extends HansardError {
  constructor(folder: string) {
    super('home_busy', `the database of ${folder} is in use and does not stop`, {
      exit: 1,
      mend: 'end the commands that use this home, and run this one again',
    })
  }
}
