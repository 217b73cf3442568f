import { HansardError } from '../errors.ts'

/** A backup that is not what was written, or none at all. */
export class BackupDamaged extends HansardError {
  constructor(message: string, cause?: unknown) {
    super('backup_damaged', `the backup cannot be restored: ${message}`, {
      exit: 3,
      mend: 'use another copy of the file',
      cause,
    })
  }
}

/** A file that cannot be written or read where it was named. */
export class BackupFile extends HansardError {
  constructor(message: string, mend: string, cause?: unknown) {
    super('backup_file', message, { exit: 2, mend, cause })
  }
}

/** A home that holds something else than the beginning of this backup. */
export class HomeNotEmpty extends HansardError {
  constructor(folder: string, found: string) {
    super('home_not_empty', `${folder} already holds a record: ${found}`, {
      exit: 2,
      mend: 'restore into a new home, one whose folder is not there yet',
    })
  }
}
