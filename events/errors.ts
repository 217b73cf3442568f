/** What the process ends with: 1 something failed, 2 the input cannot be used, 3 a check found the record at fault. */
export type ExitCode = 1 | 2 | 3

export interface ErrorDetails {
  readonly exit: ExitCode
  /** What a person can do about it, as a sentence. */
  readonly mend?: string | undefined
  readonly cause?: unknown
}

/** Every error that a person may see: the message says what went wrong and where, `mend` how to go on. */
export class HansardError extends Error {
  readonly code: string
  readonly exit: ExitCode
  readonly mend?: string

  /** @param code a stable machine word, lower case with underscores */
  constructor(code: string, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.exit = details.exit
    if (details.mend !== undefined) this.mend = details.mend
  }
}

/** A value that has no canonical JSON: `undefined`, NaN, a lone surrogate, a class instance, too deep. */
export class NotCanonical extends HansardError {
  constructor(message: string) {
    super('not_canonical', message, { exit: 1 })
  }
}

/** An event that its own type's schema refuses, or that is too large to be recorded. */
export class InvalidEvent extends HansardError {
  constructor(message: string, mend?: string) {
    super('invalid_event', message, { exit: 1, mend })
  }
}

/** Why bytes are no record. */
export type PoisonReason =
  | 'empty'
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'not_canonical'
  | 'not_an_event'
  | 'not_its_schema'

/** Bytes that stand where a record should and are none: quarantined with the reason, never guessed at. */
export class Poison extends HansardError {
  readonly reason: PoisonReason

  constructor(reason: PoisonReason, message: string) {
    super('poison', message, { exit: 3 })
    this.reason = reason
  }
}

/** A text longer than one record may hold. */
export class TextTooLarge extends HansardError {
  constructor(bytes: number, limit: number) {
    super(
      'text_too_large',
      `a text of ${bytes} bytes is larger than the ${limit} bytes that one text may have`,
      {
        exit: 2,
        mend: 'shorten the text, or split it over several rows',
      },
    )
  }
}

export class BlobMissing extends HansardError {
  constructor(digest: string, where: string, cause?: unknown) {
    super('blob_missing', `blob ${digest} is not in ${where}`, {
      exit: 3,
      mend: 'copy it from a backup of the blob folder; its digest tells whether it is the right file',
      cause,
    })
  }
}

/** A blob could not be stored; the cause says why (no room, no rights). Nothing may name it. */
export class BlobNotWritten extends HansardError {
  constructor(digest: string, where: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('blob_not_written', `blob ${digest} could not be written to ${where}: ${why}`, {
      exit: 1,
      mend: 'make room there or give the right to write, and start again: what was recorded is remembered',
      cause,
    })
  }
}

export class BlobDamaged extends HansardError {
  constructor(digest: string, where: string, found: string) {
    super('blob_damaged', `blob ${digest} in ${where} is damaged: its bytes have the sha-256 ${found}`, {
      exit: 3,
      mend: 'move the file away and copy the blob from a backup',
    })
  }
}

/** A set whose nodes are missing, are no nodes, or do not hold what they say. */
export class BrokenSet extends HansardError {
  constructor(message: string) {
    super('broken_set', message, { exit: 3, mend: 'run `hansard verify` to see what else is damaged' })
  }
}
