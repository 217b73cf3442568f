import * as z from 'zod'
import { digestSchema, failureReasons } from '../event.ts'

/** How many parents of one role an event has: exactly one, at most one, any number, at least one. */
export type Cardinality = 'one' | 'optional' | 'many' | 'some'

export interface EventType {
  readonly type: string
  readonly v: number
  /** Whether a run's seal covers events of this type. */
  readonly sealed: boolean
  /** One sentence: which act an event of this type records. */
  readonly meaning: string
  readonly params: z.ZodType
  readonly parents: Readonly<Record<string, Cardinality>>
  /** Whether the act draws random numbers, so that its place has a seed. */
  readonly seeded: boolean | 'either'
  /** The fields of a successful outcome beside `status`. */
  readonly out: z.ZodType
  /** The fields that a failed outcome may carry beside `status` and `reason`; absent where the act cannot fail. */
  readonly failed?: z.ZodType
}

/** Fixes the literal types of a definition and fills in nothing: what is written is what is frozen. */
export const defineType = <const T extends EventType>(definition: T): T => definition

export const num = z
  .union([z.number(), z.strictObject({ $num: z.enum(['NaN', 'Infinity', '-Infinity']) })])
  .describe('a number; non-finite ones as {"$num": …}, since JSON has none')

export const nats = num.describe('natural logarithm units')
export const count = z.int().min(0)
export const digest = digestSchema
export const base64 = z.base64()
/** A short machine word: a key, a name, a method. */
export const word = z.string().min(1).max(200)

export const text = z
  .strictObject({ scheme: z.enum(['sha256', 'hmac-sha256']), digest, bytes: count })
  .describe('a text beside the events, by its digest; bytes of its UTF-8 form')

export const blob = z
  .strictObject({ digest, bytes: count })
  .describe('a file in the blob store, by its sha-256')

export const none = z.strictObject({})
export const failureReason = z.enum(failureReasons)

/** Settings of one generation, as asked for. */
export const decoding = {
  temperature: z.number().min(0).describe('softmax temperature; 0 is greedy'),
  max_tokens: z.int().min(1).describe('tokens generated at most, the stop mark included'),
}

/** What any answerer may say about an answer that is none: what it did write, and the mass it saw on the choices. */
export const failure = {
  text: text.optional().describe('what was written where that is no answer: the looping or unparseable text'),
  mass: num.optional().describe('probability that the choices hold together'),
}
