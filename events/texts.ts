import { createHmac } from 'node:crypto'
import { sha256Hex } from './canonical.ts'
import { InvalidEvent, TextTooLarge } from './errors.ts'
import type { Json, TextRef } from './event.ts'
import { excerpt } from './excerpt.ts'

/** UTF-8 bytes of one text: a record of a text fits a message of 1 MiB with its key and headers. */
export const maxTextBytes = 1_000_000

/**
 * Names a text by the digest of its UTF-8 bytes. Models cut text in the middle of an emoji: a lone surrogate has no UTF-8
 * and counts as U+FFFD, as it does wherever the text is stored (`text.toWellFormed()`).
 * @param salt of the text's row, where its dataset is personal: without it nobody can test a guess against the digest
 * @throws TextTooLarge
 */
export const textRef = (text: string, salt?: Uint8Array): TextRef => {
  const utf8 = Buffer.from(text)
  if (utf8.length > maxTextBytes) throw new TextTooLarge(utf8.length, maxTextBytes)
  return salt === undefined
    ? { scheme: 'sha256', digest: sha256Hex(utf8), bytes: utf8.length }
    : {
        scheme: 'hmac-sha256',
        digest: createHmac('sha256', salt).update(utf8).digest('hex'),
        bytes: utf8.length,
      }
}

/** Whether a text is the one that a reference names. @param salt needed for the scheme hmac-sha256 */
export const isTextOf = (ref: TextRef, text: string, salt?: Uint8Array): boolean => {
  if (ref.scheme === 'hmac-sha256' && salt === undefined) return false
  const found = textRef(text, ref.scheme === 'sha256' ? undefined : salt)
  return found.digest === ref.digest && found.bytes === ref.bytes
}

/** A number as it stands in an event: JSON has no NaN and no infinities, and a reward may be one. −0 becomes 0. */
export const numOf = (value: number): Json => {
  if (Number.isFinite(value)) return value === 0 ? 0 : value
  return { $num: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' }
}

const beyondJson: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** The number that `numOf` wrote. @throws InvalidEvent where it is none */
export const numFrom = (json: Json | undefined): number => {
  if (typeof json === 'number') return json
  const named =
    typeof json === 'object' && json !== null && '$num' in json ? beyondJson.get(json.$num) : undefined
  if (named !== undefined) return named
  throw new InvalidEvent(`${excerpt(JSON.stringify(json) ?? 'nothing')} stands where a number should`)
}
