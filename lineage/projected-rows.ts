import { sha256Hex } from '../events/canonical.ts'
import { Poison } from '../events/errors.ts'
import type { Digest, EventId, Json, Meta, Parent, RecipeId } from '../events/event.ts'
import { decodeRecord } from '../events/identity.ts'
import type { LogRecord } from '../events/log.ts'
import { textsNamed } from './named-bytes.ts'

/** A record as the projection keeps it: what it is, what it rests on, and where it stands. */
export interface ProjectedRecord {
  readonly id: EventId
  readonly recipe: RecipeId
  readonly type: string
  readonly v: number
  readonly subject: string
  readonly round: number
  readonly i: number
  readonly status: 'ok' | 'failed'
  /** Why it failed; undefined where it did not. */
  readonly reason: string | undefined
  readonly plugin: string
  readonly parents: readonly Parent[]
  /** Digests of the texts that it names. */
  readonly texts: readonly Digest[]
  /** Levels of nodes below a set or a node of one; undefined for all other types. */
  readonly depth: number | undefined
  /** The run that the header `ce_run` names: a hint. */
  readonly run: RecipeId | undefined
  /** Canonical JSON of the headers that the value does not give. */
  readonly meta: string
  readonly partition: number
  readonly offset: number
}

/** Bytes that stand in the log and are no record. */
export interface QuarantinedRecord {
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly what: string
  /** sha-256 of the bytes. */
  readonly digest: Digest
  readonly bytes: number
}

export type Projected =
  | { readonly kind: 'record'; readonly record: ProjectedRecord }
  | { readonly kind: 'poison'; readonly poison: QuarantinedRecord }

/** Headers that the CloudEvents binding derives from the value, or that are the same for every record. */
const derivedHeaders = new Set([
  'ce_specversion',
  'ce_id',
  'ce_type',
  'ce_source',
  'ce_subject',
  'ce_recipe',
  'content-type',
])

/** Reads one record of the log; a pure function of it. Whatever its bytes are, it never throws for them. */
export const projectRecord = (record: LogRecord): Projected => {
  const { partition, offset, value } = record
  try {
    const { id, recipe, event } = decodeRecord(value)
    const { type, v, by, parents, draw, out, params } = event
    return {
      kind: 'record',
      record: {
        id,
        recipe,
        type,
        v,
        subject: withoutNul(draw.subject),
        round: draw.round,
        i: draw.i,
        status: out.status,
        reason: out.status === 'ok' ? undefined : withoutNul(out.reason).slice(0, 200),
        plugin: withoutNul(by.plugin),
        parents,
        texts: textsNamed(event).map(({ digest }) => digest),
        depth: type === 'set.formed' || type === 'set.node' ? depthOf(params['depth']) : undefined,
        run: digestShape.test(record.headers['ce_run'] ?? '') ? record.headers['ce_run'] : undefined,
        meta: metaText(record.headers),
        partition,
        offset,
      },
    }
  } catch (error) {
    if (!(error instanceof Poison)) throw error
    return {
      kind: 'poison',
      poison: {
        partition,
        offset,
        reason: error.reason,
        what: withoutNul(error.message).slice(0, 500),
        digest: sha256Hex(value),
        bytes: value.length,
      },
    }
  }
}

/** A record that could not even be read. */
export const unreadable = (partition: number, offset: number, what: string): Projected => ({
  kind: 'poison',
  poison: {
    partition,
    offset,
    reason: 'unreadable',
    what: withoutNul(what).slice(0, 500),
    digest: sha256Hex(''),
    bytes: 0,
  },
})

/** 512⁶ members are more than anybody has: what claims to be deeper is no set that can be walked. */
const maxSetDepth = 6

const depthOf = (depth: Json | undefined): number | undefined =>
  typeof depth === 'number' && Number.isInteger(depth) && depth >= 0 && depth <= maxSetDepth
    ? depth
    : undefined

const digestShape = /^[0-9a-f]{64}$/

/** Postgres' `text` holds every character but NUL, which JSON allows: its picture stands for it. */
const withoutNul = (text: string): string => text.replaceAll('\0', '␀').toWellFormed()

/** What a record says of its execution: its headers without those that only repeat the value, as canonical JSON. */
const metaText = (headers: Meta): string => {
  const names = Object.keys(headers).filter((name) => !derivedHeaders.has(name))
  const fields = names.sort().map((name) => `${jsonOf(name)}:${jsonOf(headers[name]!)}`)
  return `{${fields.join(',')}}`
}

const jsonOf = (text: string): string => JSON.stringify(text.toWellFormed())

/**
 * Of two deliveries of one event, the one whose metadata are kept: the smaller canonical bytes, then the earlier place.
 * Whatever the order in which deliveries come, the same one is left.
 */
export const isKeptBefore = (a: ProjectedRecord, b: ProjectedRecord): boolean => {
  const order = Buffer.compare(Buffer.from(a.meta), Buffer.from(b.meta))
  if (order !== 0) return order < 0
  return a.partition !== b.partition ? a.partition < b.partition : a.offset < b.offset
}
