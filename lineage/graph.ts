import type { Pool } from 'pg'
import type { EventId } from '../events/event.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { AmbiguousId, NoSuchEvent } from './errors.ts'
import { boundsOf, timeOf } from './id-prefix.ts'
import { eventsOfRun, type RunMembers, runParameters } from './run-members.ts'
import { type Edge, type GraphNode, nodeColumns, nodeOf, type NodeRow } from './graph-rows.ts'

/** Ids of one query. */
const lookups = 5_000
const shownCandidates = 10

export interface ChildrenOptions {
  readonly type?: string
  readonly role?: string
  /** Children at most; all of them where absent. */
  readonly limit?: number
}

export interface PageOptions {
  /** Only what a run used. */
  readonly run?: RunMembers
  /** Only what failed, or only what did not. */
  readonly status?: 'ok' | 'failed'
  /** `seq` of the last node of the page before. */
  readonly after?: number
  readonly limit: number
}

/** Reads the projection: nodes, and their edges in both directions. Batches keep the order in which they are asked. */
export class Graph {
  readonly pool: Pool

  constructor(pool: Pool) {
    this.pool = pool
  }

  async node(id: EventId): Promise<GraphNode | undefined> {
    return (await this.nodes([id]))[0]
  }

  /** Nodes by id; undefined where the projection has none. */
  async nodes(ids: readonly EventId[]): Promise<readonly (GraphNode | undefined)[]> {
    const found = new Map<EventId, GraphNode>()
    for (let from = 0; from < ids.length; from += lookups) {
      const { rows } = await this.pool.query<NodeRow>(
        `select ${nodeColumns} from projection.nodes n where id = any($1::bytea[])`,
        [digestArray(ids.slice(from, from + lookups))],
      )
      for (const row of rows) found.set(row.id, nodeOf(row))
    }
    return ids.map((id) => found.get(id))
  }

  /** What an event rests on, in the order of its record. */
  async parents(id: EventId, role?: string): Promise<readonly Edge[]> {
    return (await this.parentsOf([id], role)).get(id) ?? []
  }

  async parentsOf(ids: readonly EventId[], role?: string): Promise<ReadonlyMap<EventId, readonly Edge[]>> {
    const edges = new Map<EventId, Edge[]>()
    for (let from = 0; from < ids.length; from += lookups) {
      const { rows } = await this.pool.query<Edge>(
        `select encode(child, 'hex') as child, encode(parent, 'hex') as parent, role, pos from projection.edges
          where child = any($1::bytea[]) and ($2::text is null or role = $2) order by child, pos`,
        [digestArray(ids.slice(from, from + lookups)), role ?? null],
      )
      for (const edge of rows) append(edges, edge.child, edge)
    }
    return edges
  }

  /** Events that rest on this one, in the order in which the projection met them. */
  async children(id: EventId, options: ChildrenOptions = {}): Promise<readonly GraphNode[]> {
    const { type, role, limit } = options
    const { rows } = await this.pool.query<NodeRow>(
      `select ${nodeColumns} from projection.nodes n
        where id in (select child from projection.edges where parent = $1 and ($2::text is null or role = $2))
          and ($3::text is null or type = $3)
        order by seq limit $4`,
      [Buffer.from(id, 'hex'), role ?? null, type ?? null, limit ?? null],
    )
    return rows.map(nodeOf)
  }

  /** The children of many events at once, each parent's in the order in which the projection met them. */
  async childrenOf(
    ids: readonly EventId[],
    options: Omit<ChildrenOptions, 'limit'> = {},
  ): Promise<ReadonlyMap<EventId, readonly GraphNode[]>> {
    const children = new Map<EventId, GraphNode[]>()
    for (let from = 0; from < ids.length; from += lookups) {
      const { rows } = await this.pool.query<NodeRow & { parent: string }>(
        `select distinct on (n.seq, e.parent) encode(e.parent, 'hex') as parent, ${nodeColumns}
          from projection.edges e join projection.nodes n on n.id = e.child
          where e.parent = any($1::bytea[]) and ($2::text is null or e.role = $2) and ($3::text is null or n.type = $3)
          order by n.seq, e.parent`,
        [digestArray(ids.slice(from, from + lookups)), options.role ?? null, options.type ?? null],
      )
      for (const row of rows) append(children, row.parent, nodeOf(row))
    }
    return children
  }

  /** Nodes of a type in the order in which the projection met them, a page at a time. */
  async byType(type: string, options: PageOptions): Promise<readonly GraphNode[]> {
    const { run, status, after, limit } = options
    const { rows } = await this.pool.query<NodeRow>(
      `select ${nodeColumns} from projection.nodes n
        where type = $1 and seq > $2 and ($3::text is null or status = $3) ${run === undefined ? '' : `and ${eventsOfRun(run, 5)}`}
        order by seq limit $4`,
      [type, after ?? 0, status ?? null, limit, ...(run === undefined ? [] : runParameters(run))],
    )
    return rows.map(nodeOf)
  }

  /**
   * The id that a prefix is short for; a whole id is one.
   * @throws NoSuchEvent, AmbiguousId with the candidates
   */
  async resolve(prefix: string): Promise<GraphNode> {
    const digits = prefix.trim().toLowerCase()
    if (!/^[0-9a-f]{1,64}$/.test(digits)) throw new NoSuchEvent(prefix)
    const { rows } = await this.pool.query<NodeRow>(
      `select ${nodeColumns} from projection.nodes n where id >= $1 and id <= $2 order by id limit $3`,
      [...boundsOf(digits), shownCandidates + 1],
    )
    const nodes = rows.map(nodeOf)
    if (nodes.length === 0) throw new NoSuchEvent(prefix)
    if (nodes.length === 1) return nodes[0]!
    throw new AmbiguousId(
      prefix,
      nodes.slice(0, shownCandidates).map(({ id, type, meta }) => ({ id, type, time: timeOf(meta) })),
      nodes.length > shownCandidates,
    )
  }
}

const append = <K, V>(lists: Map<K, V[]>, key: K, value: V): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
