import { canonicalDigest, canonicalText, sha256Hex } from './canonical.ts'
import { problemOfEvent, problemOfQuestion } from './envelope.ts'
import { InvalidEvent, NotCanonical, Poison } from './errors.ts'
import {
  type By,
  type Draw,
  type Event,
  maxValueBytes,
  type Outcome,
  type Params,
  type Parent,
  type Question,
  type RecipeId,
  type Recorded,
} from './event.ts'
import { problemOfContent } from './validation.ts'
import { definitionOf } from './vocabulary.ts'
import type { EventType } from './vocabulary/define.ts'

/**
 * Raised when hansard's own acts (sets, draws, screens, seals) may give other outcomes than before.
 * It decides nothing else: a release that does not change an outcome pays for nothing again.
 */
const behaviourNumber = 1

/** Who answers for the acts that no plugin does. */
export const hansardBy: By = {
  plugin: 'hansard',
  behaviour: canonicalDigest({ behaviour: behaviourNumber, plugin: 'hansard' }),
}

/** What is to be recorded, beside the type: parents in any order of roles, in the given order within a role. */
export interface Act {
  readonly by: By
  readonly params: Params
  readonly parents: readonly Parent[]
  readonly draw: Draw
  readonly out: Outcome
}

/**
 * Makes the record of an act: checks it strictly, sorts its parents by role (stably), writes its canonical bytes and
 * takes their sha-256. What is returned can be appended as it is.
 * @throws InvalidEvent naming the field
 */
export const recordEvent = (definition: EventType, act: Act): Recorded => {
  const { type, v } = definition
  const event: Event = {
    type,
    v,
    by: act.by,
    params: act.params,
    parents: sortedParents(act.parents),
    draw: act.draw,
    out: act.out,
  }
  const refuse = (problem: string): InvalidEvent => new InvalidEvent(`${type}: ${problem}`)
  const problem = problemOfEvent(event)
  if (problem !== undefined) throw refuse(problem)
  const { value, recipe } = canonicalOr(refuse, () => textsOf(event))
  // After the canonical form, which bounds the depth: a schema may recurse.
  const contentProblem = problemOfContent(definition, event)
  if (contentProblem !== undefined) throw refuse(contentProblem)
  const bytes = Buffer.from(value)
  if (bytes.length > maxValueBytes)
    throw new InvalidEvent(
      `${type}: ${bytes.length} bytes, and a record has at most ${maxValueBytes}`,
      'put long texts into the text store, long bytes into a blob, many parents into a set',
    )
  return { id: sha256Hex(bytes), recipe: sha256Hex(recipe), event, bytes }
}

/**
 * The recipe of a question: sha-256 of the canonical JSON of `{type, by, params, parents, draw}`, parents sorted by role.
 * @throws InvalidEvent where the question has not the shape of one; its type's schema is asked only when it is recorded
 */
export const recipeOf = (question: Question): RecipeId => {
  const sorted = { ...question, parents: sortedParents(question.parents) }
  const refuse = (problem: string): InvalidEvent => new InvalidEvent(`${question.type}: ${problem}`)
  const problem = problemOfQuestion(sorted)
  if (problem !== undefined) throw refuse(problem)
  return sha256Hex(recipeText(canonicalOr(refuse, () => piecesOf(sorted))))
}

/**
 * The record in bytes that anyone may have written. A type or version that is not in the vocabulary is a record all the
 * same; one that is must satisfy its schema.
 * @throws Poison, and never anything else
 */
export const decodeRecord = (bytes: Uint8Array): Recorded => {
  if (bytes.length === 0) throw new Poison('empty', 'a record of 0 bytes')
  if (bytes.length > maxValueBytes)
    throw new Poison('too_large', `a record of ${bytes.length} bytes; at most ${maxValueBytes} are allowed`)
  const text = decodeText(bytes)
  const event = parseEvent(text)
  const { value, recipe } = canonicalOr(
    (message) => new Poison('not_canonical', `${event.type}: ${message}`),
    () => textsOf(event),
  )
  if (value !== text) throw new Poison('not_canonical', 'JSON that is not in its canonical form (RFC 8785)')
  const definition = definitionOf(event.type, event.v)
  const problem = definition === undefined ? undefined : problemOfContent(definition, event)
  if (problem !== undefined) throw new Poison('not_its_schema', `${event.type} ${event.v}: ${problem}`)
  return { id: sha256Hex(bytes), recipe: sha256Hex(recipe), event, bytes }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decodeText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Poison('not_utf8', 'bytes that are not UTF-8')
  }
}

const parseEvent = (text: string): Event => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Poison('not_json', 'bytes that are not JSON')
  }
  const problem = problemOfEvent(value)
  if (problem !== undefined) throw new Poison('not_an_event', `JSON that is no event: ${problem}`)
  return value as Event
}

const sortedParents = (parents: readonly Parent[]): readonly Parent[] => {
  for (let index = 1; index < parents.length; index++)
    if (parents[index - 1]!.role > parents[index]!.role)
      return parents.toSorted((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0))
  return parents
}

interface Pieces {
  readonly by: string
  readonly draw: string
  readonly params: string
  readonly parents: string
  readonly type: string
}

/**
 * The canonical text of each field, once for recipe and value. The shapes that the envelope's check has seen are written
 * with their keys in order; digests and roles need no escapes.
 * @throws NotCanonical
 */
const piecesOf = ({ by, draw, params, parents, type }: Question): Pieces => {
  let edges = ''
  for (const { id, role } of parents) edges += `${edges === '' ? '' : ','}{"id":"${id}","role":"${role}"}`
  const seed = draw.seed === undefined ? '' : `"seed":${draw.seed},`
  return {
    by: `{"behaviour":"${by.behaviour}","plugin":${canonicalText(by.plugin, 'by.plugin')}}`,
    draw: `{"i":${draw.i},"round":${draw.round},${seed}"subject":${canonicalText(draw.subject, 'draw.subject')}}`,
    params: canonicalText(params, 'params'),
    parents: `[${edges}]`,
    type: `"${type}"`,
  }
}

const recipeText = ({ by, draw, params, parents, type }: Pieces): string =>
  `{"by":${by},"draw":${draw},"params":${params},"parents":${parents},"type":${type}}`

interface Texts {
  readonly value: string
  readonly recipe: string
}

const textsOf = (event: Event): Texts => {
  const pieces = piecesOf(event)
  const { by, draw, params, parents, type } = pieces
  const out = canonicalText(event.out, 'out')
  return {
    value: `{"by":${by},"draw":${draw},"out":${out},"params":${params},"parents":${parents},"type":${type},"v":${event.v}}`,
    recipe: recipeText(pieces),
  }
}

/** Runs `write`, and hands what it finds not canonical to `refuse`, which throws. */
const canonicalOr = <T>(refuse: (message: string) => Error, write: () => T): T => {
  try {
    return write()
  } catch (error) {
    if (error instanceof NotCanonical) throw refuse(error.message)
    throw error
  }
}
