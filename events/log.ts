import type { EventId, Meta, Recorded, TextRef } from './event.ts'

/** A record as the log holds it. `value` is exactly the hashed bytes. */
export interface LogRecord {
  readonly topic: string
  readonly partition: number
  /** Position in its partition, from 0, without gaps. */
  readonly offset: number
  /** `draw.subject` of the event: anyone can recompute it from the value. */
  readonly key: string
  readonly headers: Meta
  readonly value: Uint8Array
}

/** A text to be stored beside the events that name it. */
export interface TextRecord {
  readonly ref: TextRef
  readonly text: string
}

/** One event to append, with what is never hashed. */
export interface Entry {
  readonly recorded: Recorded
  readonly meta: Meta
}

/**
 * The answer to a recipe: the first id acknowledged under it in this database.
 * `id` may differ from the one offered; steps go on with what was returned.
 */
export interface Answer {
  readonly id: EventId
  /** Whether this very append wrote the event that was offered (false: it, or another answer, was there). */
  readonly appended: boolean
  /** The offered event was written, but another id had already answered the recipe. */
  readonly diverged: boolean
}

export interface PartitionSize {
  readonly partition: number
  /** The next offset: how many records the partition holds. */
  readonly next: number
}

/**
 * An append-only log of events. Adapters: tables in Postgres, and Kafka.
 * Every adapter passes the conformance suite in `events/testing/`.
 */
export interface EventLog {
  /** Topic name of the events. */
  readonly topic: string
  readonly partitions: number
  /**
   * Writes texts and events in one transaction; when the promise resolves all of them are durable.
   * Equal ids are written once. Answers come in the order of the entries.
   * @throws InvalidEvent where an entry is larger than `maxValueBytes` or bytes are not their digest's; TextTooLarge
   */
  append(entries: readonly Entry[], texts: readonly TextRecord[]): Promise<readonly Answer[]>
  /** Records of one partition from an offset on, ascending, at most `limit`. */
  read(partition: number, from: number, limit: number): Promise<readonly LogRecord[]>
  sizes(): Promise<readonly PartitionSize[]>
  /** Records as they come, from the given offsets (missing partitions from their end), until the signal aborts. */
  tail(from: ReadonlyMap<number, number>, signal: AbortSignal): AsyncIterable<readonly LogRecord[]>
}
