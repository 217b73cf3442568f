/**
 * Writes events/schemas.lock: what every released type of event asks for. A released type never changes; it gets a new
 * version beside it. `node tools/schemas-lock.ts` therefore adds, and refuses to change or drop what is there;
 * with `--unreleased` it writes everything anew, which is right only for types that no release has written.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Json } from '../events/event.ts'
import { compile } from '../events/validation.ts'
import { vocabulary } from '../events/vocabulary.ts'
import type { EventType } from '../events/vocabulary/define.ts'

export const lockFile = join(import.meta.dirname, '..', 'events', 'schemas.lock')

export type Lock = { readonly [typeAndVersion: string]: Json }

/** Words that explain a schema are not part of it, and may be bettered. */
const wordsOnly = new Set(['description', '$schema'])

/** Keys sorted, so that only a change of meaning is a difference. */
const ordered = (value: Json, words = wordsOnly): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => ordered(one))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !words.has(key))
  // A field may well be called `description`: the names of properties are no words about them.
  return Object.fromEntries(
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, ordered(one, key === 'properties' ? new Set() : wordsOnly)]),
  )
}

const schemaOf = (schema: z.ZodType): Json => ordered(z.toJSONSchema(schema) as Json)

const entryOf = (definition: EventType): Json => {
  const { params, ok, failed } = compile(definition)
  return {
    sealed: definition.sealed,
    seeded: definition.seeded,
    parents: ordered({ ...definition.parents }),
    params: schemaOf(params),
    ok: schemaOf(ok),
    failed: failed === undefined ? null : schemaOf(failed),
  }
}

/** What the vocabulary asks for today. */
export const lockOf = (definitions: readonly EventType[]): Lock =>
  Object.fromEntries(
    definitions
      .map((definition) => [`${definition.type} ${definition.v}`, entryOf(definition)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** The released types that a new lock would change or drop. */
export const broken = (released: Lock, now: Lock): readonly string[] =>
  Object.keys(released).filter((name) => JSON.stringify(released[name]) !== JSON.stringify(now[name]))

export const readLock = (): Lock =>
  existsSync(lockFile) ? (JSON.parse(readFileSync(lockFile, 'utf8')) as Lock) : {}

if (import.meta.main) {
  const now = lockOf(vocabulary)
  const changed = process.argv.includes('--unreleased') ? [] : broken(readLock(), now)
  if (changed.length > 0) {
    console.error(
      `released types may not change: ${changed.join(', ')}\nraise their version instead (v), beside the old one`,
    )
    process.exitCode = 2
  } else {
    writeFileSync(lockFile, `${JSON.stringify(now, undefined, 2)}\n`)
    console.log(`${Object.keys(now).length} types in ${lockFile}`)
  }
}
