import type { Pool } from 'pg'
import { sha256Hex } from '../events/canonical.ts'
import { Poison } from '../events/errors.ts'
import type { By, Digest, Draw, Event, EventId, Meta, Outcome, Params, RecipeId } from '../events/event.ts'
import { decodeRecord } from '../events/identity.ts'
import type { EventLog } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'
import { definitionOf } from '../events/vocabulary.ts'
import { describe, type ListedEvent } from './events-query.ts'
import { Graph } from './graph.ts'
import type { GraphNode } from './graph-rows.ts'
import { textsNamed } from './named-bytes.ts'
import type { AsOf } from './projector.ts'
import { type Trust, trustOf } from './trust.ts'

/** Everything about one event: the answer of `hansard show ID --json`. */
export interface Shown {
  readonly id: EventId
  readonly type: string
  readonly v: number
  /** What an event of its type records; null for a type or version that this hansard does not know. */
  readonly meaning: string | null
  /** Whether a run's seal covers its type; null where that is not known. */
  readonly sealed: boolean | null
  /** Its fields as recorded; null where its bytes are damaged. */
  readonly fields: {
    readonly by: By
    readonly params: Params
    readonly draw: Draw
    readonly out: Outcome
  } | null
  /** The texts that it names; null where a text is gone. */
  readonly texts: readonly { readonly digest: Digest; readonly bytes: number; readonly text: string | null }[]
  readonly recipe: {
    readonly id: RecipeId
    /** The answer to this recipe: this event, unless it came second. */
    readonly answer: EventId | null
    /** Other events under the same recipe, which count nowhere. */
    readonly diverged: readonly EventId[]
  }
  readonly hash: {
    /** sha-256 of the bytes in the log. */
    readonly recomputed: Digest
    readonly equal: boolean
    readonly bytes: number
  }
  readonly position: { readonly topic: string; readonly partition: number; readonly offset: number }
  /** What is not hashed: when, where, at which cost. */
  readonly meta: Meta
  /** How many parents there are, and the first of them with what they say. */
  readonly parents: { readonly count: number; readonly first: readonly ShownParent[] }
  /** Children by type and role, and the first of them. */
  readonly children: {
    readonly byRole: readonly { readonly type: string; readonly role: string; readonly count: number }[]
    readonly first: readonly ListedEvent[]
  }
  readonly trust: Trust
}

export interface ShownParent {
  readonly role: string
  readonly id: EventId
  /** null where it is missing. */
  readonly event: ListedEvent | null
}

export interface ShowHome {
  readonly pool: Pool
  readonly log: EventLog
  readonly memo: Memo
}

const relativesShown = 20

/**
 * Shows one event, its bytes read from the log and hashed again.
 * @param prefix any unique beginning of its id
 * @throws NoSuchEvent, AmbiguousId
 */
export const showEvent = async (home: ShowHome, asOf: AsOf, prefix: string): Promise<Shown> => {
  const { pool, memo, log } = home
  const graph = new Graph(pool)
  const node = await graph.resolve(prefix)
  const [record] = await log.read(node.partition, node.offset, 1)
  const value = record?.value ?? new Uint8Array(0)
  const event = eventIn(value)
  const definition = definitionOf(node.type, node.v)
  const recomputed = sha256Hex(value)
  return {
    id: node.id,
    type: node.type,
    v: node.v,
    meaning: definition?.meaning ?? null,
    sealed: definition?.sealed ?? null,
    fields: event === undefined ? null : fieldsOf(event),
    texts: event === undefined ? [] : await textsOfEvent(memo, event),
    recipe: await recipeOf(home, node),
    hash: { recomputed, equal: recomputed === node.id, bytes: value.length },
    position: { topic: log.topic, partition: node.partition, offset: node.offset },
    meta: node.meta,
    parents: await parentsOf(graph, memo, node),
    children: await childrenOf(graph, memo, node),
    trust: await trustOf(home, asOf, [node.id]),
  }
}

/** The event in bytes that may be damaged. */
const eventIn = (value: Uint8Array): Event | undefined => {
  try {
    return decodeRecord(value).event
  } catch (error) {
    if (error instanceof Poison) return undefined
    throw error
  }
}

const fieldsOf = ({ by, params, draw, out }: Event): NonNullable<Shown['fields']> => ({
  by,
  params,
  draw,
  out,
})

const textsOfEvent = async (memo: Memo, event: Event): Promise<Shown['texts']> => {
  const refs = textsNamed(event)
  const texts = await memo.texts(refs.map(({ digest }) => digest))
  return refs.map(({ digest, bytes }, k) => ({ digest, bytes, text: texts[k] ?? null }))
}

const recipeOf = async ({ pool }: ShowHome, node: GraphNode): Promise<Shown['recipe']> => {
  const { rows } = await pool.query<{ id: string; answer: boolean }>(
    `select encode(id, 'hex') as id, answer from record.records where recipe = $1 and answer
      union all select encode(id, 'hex'), answer from record.records where recipe = $1 and not answer`,
    [Buffer.from(node.recipe, 'hex')],
  )
  return {
    id: node.recipe,
    answer: rows.find(({ answer }) => answer)?.id ?? null,
    diverged: rows.filter(({ answer }) => !answer).map(({ id }) => id),
  }
}

const parentsOf = async (graph: Graph, memo: Memo, { id }: GraphNode): Promise<Shown['parents']> => {
  const edges = await graph.parents(id)
  const shown = edges.slice(0, relativesShown)
  const nodes = await graph.nodes(shown.map(({ parent }) => parent))
  const described = await describe(
    memo,
    nodes.filter((parent) => parent !== undefined),
  )
  const byId = new Map(described.map((event) => [event.id, event]))
  return {
    count: edges.length,
    first: shown.map(({ role, parent }) => ({ role, id: parent, event: byId.get(parent) ?? null })),
  }
}

const childrenOf = async (graph: Graph, memo: Memo, { id }: GraphNode): Promise<Shown['children']> => {
  const { rows } = await graph.pool.query<{ type: string; role: string; count: string }>(
    `select n.type, e.role, count(distinct e.child) as count
      from projection.edges e join projection.nodes n on n.id = e.child
      where e.parent = $1 group by n.type, e.role order by n.type, e.role`,
    [Buffer.from(id, 'hex')],
  )
  return {
    byRole: rows.map(({ type, role, count }) => ({ type, role, count: Number(count) })),
    first: await describe(memo, await graph.children(id, { limit: relativesShown })),
  }
}
