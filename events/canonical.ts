import { hash } from 'node:crypto'
import { NotCanonical, Poison } from './errors.ts'
import type { Digest, Json } from './event.ts'
import { excerpt } from './excerpt.ts'

/** Nesting that a value may have; no event of ours comes near it, and readers can rely on it. */
export const maxDepth = 64

/** sha-256 in lower-case hexadecimal; a string stands for its UTF-8 bytes. One shot is three times as fast as `createHash`. */
export const sha256Hex = (data: Uint8Array | string): Digest => hash('sha256', data, 'hex')

/** sha-256 of a value's canonical bytes. @throws NotCanonical */
export const canonicalDigest = (value: Json): Digest => sha256Hex(canonicalText(value))

/**
 * The canonical JSON (RFC 8785) of a value, as UTF-8.
 * Unlike `JSON.stringify` it refuses whatever JSON cannot hold (`undefined`, NaN, Infinity, BigInt, symbols, functions,
 * lone surrogates, class instances, `toJSON`, holes, cycles) instead of dropping or changing it. −0 is written 0, as the RFC says.
 * @throws NotCanonical naming where the value stands
 */
export const encodeCanonical = (value: Json): Uint8Array => Buffer.from(canonicalText(value))

/** `encodeCanonical` before its UTF-8 encoding. @param name what an error calls the value. @throws NotCanonical */
export const canonicalText = (value: Json, name?: string): string =>
  write(value, name === undefined ? undefined : { above: undefined, key: name }, 0)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The value of canonical bytes. Bytes that any other serialisation of the value could have given (spaces, other key
 * order, duplicate keys, other escapes, numbers that a double cannot hold) are refused, so value and bytes are one to one.
 * @throws Poison, and never anything else
 */
export const decodeCanonical = (bytes: Uint8Array): Json => {
  if (bytes.length === 0) throw new Poison('empty', 'a record of 0 bytes')
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new Poison('not_utf8', 'bytes that are not UTF-8')
  }
  let value: Json
  try {
    value = JSON.parse(text)
  } catch {
    throw new Poison('not_json', 'bytes that are not JSON')
  }
  let canonical: string
  try {
    canonical = canonicalText(value)
  } catch (error) {
    if (error instanceof NotCanonical) throw new Poison('not_canonical', error.message)
    throw error
  }
  if (canonical !== text)
    throw new Poison('not_canonical', 'JSON that is not in its canonical form (RFC 8785)')
  return value
}

/** Where a value stands, for error messages; a linked list, so that the path costs nothing until it is needed. */
interface Path {
  readonly above: Path | undefined
  readonly key: string | number
}

const refuse = (what: string, path: Path | undefined): never => {
  const keys: (string | number)[] = []
  for (let at = path; at !== undefined; at = at.above) keys.unshift(at.key)
  throw new NotCanonical(`${keys.length === 0 ? 'the value' : excerpt(keys.join('.'))} ${what}`)
}

// A well-formed string without quotes, backslashes and control characters is its own JSON; most are.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

const writeString = (value: string, path: Path | undefined): string => {
  if (!needsEscape.test(value)) return `"${value}"`
  if (!value.isWellFormed()) refuse('holds a lone surrogate, which UTF-8 cannot write', path)
  return JSON.stringify(value)
}

const write = (value: unknown, path: Path | undefined, depth: number): string => {
  switch (typeof value) {
    case 'string':
      return writeString(value, path)
    case 'number':
      if (!Number.isFinite(value)) refuse(`is ${value}, which JSON cannot write`, path)
      // ECMAScript's own number format is the one that RFC 8785 prescribes.
      return value === 0 ? '0' : String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === maxDepth) refuse(`is nested deeper than ${maxDepth} levels`, path)
      return Array.isArray(value) ? writeArray(value, path, depth) : writeObject(value, path, depth)
    default:
      return refuse(`is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`, path)
  }
}

const writeArray = (value: readonly unknown[], path: Path | undefined, depth: number): string => {
  let text = '['
  for (let index = 0; index < value.length; index++) {
    if (index > 0) text += ','
    text += write(value[index], { above: path, key: index }, depth + 1)
  }
  return text + ']'
}

const writeObject = (value: object, path: Path | undefined, depth: number): string => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) refuse('is an instance of a class', path)
  const keys = sortedKeys(value)
  let text = '{'
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (key === '__proto__') refuse('has the key __proto__, which not every reader keeps', path)
    const below = { above: path, key }
    if (index > 0) text += ','
    text += `${writeString(key, below)}:${write((value as Record<string, unknown>)[key], below, depth + 1)}`
  }
  return text + '}'
}

/** Keys by UTF-16 code units, as the RFC asks; sorted only where they do not come sorted, as what we read does. */
const sortedKeys = (value: object): string[] => {
  const keys = Object.keys(value)
  for (let index = 1; index < keys.length; index++) if (keys[index - 1]! > keys[index]!) return keys.sort()
  return keys
}
