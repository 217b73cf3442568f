import { sha256Hex } from '../canonical.ts'
import { InvalidEvent, TextTooLarge } from '../errors.ts'
import { maxValueBytes } from '../event.ts'
import type { Answer, Entry, TextRecord } from '../log.ts'
import { partitionOf } from '../partition.ts'
import { maxTextBytes } from '../texts.ts'
import { booleanArray, byteaArray, digestArray, int4Array } from './binary-array.ts'
import { encodeHeaders } from './headers.ts'

/** Rows and bytes of one statement; larger batches take several, in one transaction. */
const statementRows = 2_000
const statementBytes = 8_000_000

/** An event that a batch offers to the database: each id once. */
interface Offer {
  readonly entry: Entry
  readonly partition: number
  readonly key: Buffer
  /** Whether it is the batch's first under its recipe. */
  readonly first: boolean
}

/** A batch of appends, checked and without repetitions. */
export interface Batch {
  readonly offers: readonly Offer[]
  readonly texts: readonly TextRecord[]
  readonly partitions: readonly number[]
}

/**
 * @throws InvalidEvent where an event is too large, or bytes are not what their digest says: the database would keep them
 * for ever; TextTooLarge
 */
export const checkEntries = (entries: readonly Entry[], texts: readonly TextRecord[]): void => {
  for (const { recorded } of entries) {
    const { id, bytes, event } = recorded
    if (bytes.length > maxValueBytes)
      throw new InvalidEvent(
        `${event.type} ${id}: ${bytes.length} bytes; a record has at most ${maxValueBytes}`,
      )
    const found = sha256Hex(bytes)
    if (found !== id) throw new InvalidEvent(`${event.type} ${id}: its bytes have the sha-256 ${found}`)
  }
  for (const { ref, text } of texts) {
    if (ref.bytes > maxTextBytes) throw new TextTooLarge(ref.bytes, maxTextBytes)
    if (ref.bytes !== Buffer.byteLength(text) || (ref.scheme === 'sha256' && sha256Hex(text) !== ref.digest))
      throw new InvalidEvent(
        `text ${ref.digest}: its ${Buffer.byteLength(text)} bytes are not those of its reference`,
      )
  }
}

/** Drops what a batch repeats, and finds each event's partition. */
export const makeBatch = (
  entries: readonly Entry[],
  texts: readonly TextRecord[],
  partitions: number,
): Batch => {
  const offers = new Map<string, Offer>()
  const recipes = new Set<string>()
  for (const entry of entries) {
    const { id, recipe, event } = entry.recorded
    if (offers.has(id)) continue
    const key = Buffer.from(event.draw.subject)
    const partition = partitionOf(event.draw.subject, partitions)
    offers.set(id, { entry, key, partition, first: !recipes.has(recipe) })
    recipes.add(recipe)
  }
  const byDigest = new Map(texts.map((text) => [text.ref.digest, text]))
  return {
    // Those of one partition side by side, in their order: so `record.append` numbers them.
    offers: [...offers.values()].toSorted((a, b) => a.partition - b.partition),
    // In one order everywhere, so that two appends of the same texts never wait for each other.
    texts: [...byDigest.values()].toSorted((a, b) => (a.ref.digest < b.ref.digest ? -1 : 1)),
    partitions: [...new Set(Array.from(offers.values(), (offer) => offer.partition))],
  }
}

/** One call of `record.append`. */
export interface Statement {
  readonly offers: readonly Offer[]
  /** Its arguments, encoded when they are needed: a large batch is never in memory twice. */
  readonly args: () => Buffer[]
}

/** The statements that a batch takes, within limits of rows and bytes. */
export const statementsOf = (batch: Batch): readonly Statement[] => {
  const texts = [...slices(batch.texts, (text) => text.ref.bytes)]
  const events = [...slices(batch.offers, (offer) => offer.entry.recorded.bytes.length)]
  if (texts.length <= 1 && events.length === 1)
    return [{ offers: batch.offers, args: () => argumentsOf(batch.offers, batch.texts) }]
  return [
    ...texts.map((slice) => ({ offers: [], args: () => argumentsOf([], slice) })),
    ...events.map((slice) => ({ offers: slice, args: () => argumentsOf(slice, []) })),
  ]
}

const argumentsOf = (offers: readonly Offer[], texts: readonly TextRecord[]): Buffer[] => [
  int4Array(offers.map((offer) => offer.partition)),
  byteaArray(offers.map((offer) => offer.key)),
  digestArray(offers.map((offer) => offer.entry.recorded.id)),
  digestArray(offers.map((offer) => offer.entry.recorded.recipe)),
  booleanArray(offers.map((offer) => offer.first)),
  byteaArray(offers.map((offer) => encodeHeaders(offer.entry.meta))),
  byteaArray(offers.map((offer) => offer.entry.recorded.bytes)),
  digestArray(texts.map((text) => text.ref.digest)),
  booleanArray(texts.map((text) => text.ref.scheme === 'hmac-sha256')),
  byteaArray(texts.map((text) => Buffer.from(text.text))),
]

function* slices<T>(items: readonly T[], bytesOf: (item: T) => number): Generator<readonly T[]> {
  let from = 0
  let bytes = 0
  for (let at = 0; at < items.length; at++) {
    bytes += bytesOf(items[at]!)
    if (at - from + 1 < statementRows && bytes < statementBytes) continue
    yield items.slice(from, at + 1)
    from = at + 1
    bytes = 0
  }
  if (from < items.length) yield items.slice(from)
}

/** What the database said about an offer: only of those whose recipe had an answer. */
export interface Known {
  readonly known: boolean
  readonly answered: string
}

/** The answers in the order of the entries, from what the database found. @param known by offered id */
export const answersOf = (
  entries: readonly Entry[],
  known: ReadonlyMap<string, Known>,
): readonly Answer[] => {
  const firstOf = new Map<string, string>()
  const seen = new Set<string>()
  return entries.map(({ recorded: { id, recipe } }) => {
    const found = known.get(id)
    const first = firstOf.get(recipe) ?? id
    firstOf.set(recipe, first)
    const answer = found?.answered ?? first
    const appended = !seen.has(id) && found?.known !== true
    seen.add(id)
    return { id: answer, appended, diverged: answer !== id }
  })
}
