import { HansardError } from '../events/errors.ts'

/** An event that others name and that is not in the record. */
export class MissingFromRecord extends HansardError {
  constructor(what: string) {
    super('missing_from_record', `${what} is named by the record but not in it`, {
      exit: 3,
      mend: 'run `hansard verify` to see what is missing, and restore it from a backup',
    })
  }
}

/** An event that a question was put about and that has no answer to it. */
export class NothingToExplain extends HansardError {
  constructor(message: string, mend: string) {
    super('nothing_to_explain', message, { exit: 2, mend })
  }
}
