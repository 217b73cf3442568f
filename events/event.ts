import * as z from 'zod'

/** A sha-256 in lower-case hexadecimal: 64 digits, never shortened in storage. */
export type Digest = string
/** sha-256 of an event's canonical bytes: what was recorded. */
export type EventId = Digest
/** sha-256 of the canonical form of `{type, by, params, parents, draw}`: what was asked. */
export type RecipeId = Digest

export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha-256 of 64 hexadecimal digits')

/** JSON as it may stand in an event: no `undefined`, no non-finite number, no lone surrogate. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Who answered, and the digest of all that decides the answer (never a package's version). */
export interface By {
  readonly plugin: string
  readonly behaviour: Digest
}

/** A typed edge to an event that this one rests on. */
export interface Parent {
  readonly role: string
  readonly id: EventId
}

/** The place of an act: what it is about, the round it belongs to, and which of its kind it is. */
export interface Draw {
  /** Text digest of the prompt that the act is about; for training the stage's name, else the type. */
  readonly subject: string
  /** Critique round or RL step; 0 where there is none. */
  readonly round: number
  /** Counts, from 0 and in the stage's order, the acts of one type in one stage that share subject and round. */
  readonly i: number
  /** 0 … 2³¹−2, derived from the place; only acts that draw random numbers have one. */
  readonly seed?: number
}

export type Params = { readonly [key: string]: Json }

/** What came back. A failure that belongs to the answer is an outcome like any other. */
export type Outcome =
  | { readonly status: 'ok'; readonly [key: string]: Json }
  | { readonly status: 'failed'; readonly reason: FailureReason; readonly [key: string]: Json }

/** Failures that belong to the answer. Trouble of the moment (timeout, 429, kill) is never one of them. */
export const failureReasons = [
  'empty',
  'looping',
  'unparseable',
  'content_filter',
  'refused_by_provider',
  'no_mass_on_choices',
  'prompt_too_long',
  'no_answer',
] as const
export type FailureReason = (typeof failureReasons)[number]

/** An act before its answer: everything the recipe covers. */
export interface Question {
  readonly type: string
  readonly by: By
  readonly params: Params
  /** Sorted by role (code units), then in the order given. */
  readonly parents: readonly Parent[]
  readonly draw: Draw
}

/** One record: the value whose canonical JSON is hashed. */
export interface Event extends Question {
  readonly v: number
  readonly out: Outcome
}

/** What differs between two honest executions: never hashed, kept in the record's headers. */
export type Meta = { readonly [header: string]: string }

/** A text beside the events: `sha256` of its UTF-8 bytes, or keyed with the salt of its dataset row. */
export interface TextRef {
  readonly scheme: 'sha256' | 'hmac-sha256'
  readonly digest: Digest
  readonly bytes: number
}

/** Bytes too large for an event, addressed by their sha-256. */
export interface BlobRef {
  readonly digest: Digest
  readonly bytes: number
}

/** An event with its names and its bytes, ready to be appended or as it was read. */
export interface Recorded {
  readonly id: EventId
  readonly recipe: RecipeId
  readonly event: Event
  /** The canonical bytes; `sha256(bytes)` is the id. */
  readonly bytes: Uint8Array
}

/** CloudEvents' guaranteed size, and tlog-tiles' limit: a larger value belongs into a text, a blob or a set. */
export const maxValueBytes = 65_536
/** Children of one set node. */
export const maxSetChildren = 512
/** Bytes that may stand in `out` as base64; larger ones are blobs. */
export const maxInlineBytes = 8_192
