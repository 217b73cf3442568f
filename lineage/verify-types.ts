import type { Digest, RecipeId } from '../events/event.ts'

/** What is wrong with one thing of the record. */
export interface Finding {
  /**
   * `record` bytes that are not what was recorded, or no record; `gap` an offset without a record; `missing` an event that
   * others name; `recipe` headers or answers that belong to another recipe; `text`, `blob`; `set` a set that is not what it
   * says; `seal` a run whose seal is not that of its events.
   */
  readonly kind: 'record' | 'gap' | 'missing' | 'recipe' | 'text' | 'blob' | 'set' | 'seal'
  /** The event that is at fault, or the digest of the text or blob. */
  readonly id?: Digest
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
  /** One sentence. */
  readonly what: string
}

export interface VerifiedRun {
  readonly run: RecipeId
  /** The seal as recorded. */
  readonly seal: Digest
  /** Whether it is the Merkle root of what its stages used, and all of that is there. */
  readonly ok: boolean
}

/** The answer of `hansard verify --json`. */
export interface Verification {
  /** Distinct events whose bytes were hashed and found right. */
  readonly events: number
  /** Records read, those that are no events included. */
  readonly records: number
  /** The first 1,000 findings, in the order of the log where they have one. */
  readonly bad: readonly Finding[]
  /** How many findings there are in all. */
  readonly badTotal: number
  readonly runs: readonly VerifiedRun[]
  /** Texts and blobs that were hashed and found right. */
  readonly texts: number
  readonly blobs: number
  /** Checkpoints whose files retention has released: no fault. */
  readonly released: number
  /** Events that came second under their recipe and count nowhere: no fault. */
  readonly diverged: number
  /** Events of types or versions that this hansard does not know: hashed and walked, not understood. */
  readonly opaque: number
  /** Sentences: what this shows, and what it cannot. */
  readonly proves: readonly string[]
  readonly doesNotProve: readonly string[]
}

/** Where a record stands, for a finding about it. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
