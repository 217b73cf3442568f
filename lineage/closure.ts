import type { PoolClient, Pool } from 'pg'
import type { EventId } from '../events/event.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { withClient } from './transaction.ts'

export interface ClosureLimits {
  /** Ancestors at most. */
  readonly ancestors?: number
  readonly time_ms?: number
}

/** Everything that some events rest on, directly or through others. */
export interface Closure {
  /** The roots, then their ancestors, nearest first; each once. */
  readonly ids: readonly EventId[]
  readonly roots: number
  /** Whether a limit ended the walk before its end. */
  readonly truncated: boolean
  /** Whether some event is its own ancestor: no record can be, so the projection was tampered with. */
  readonly cyclic: boolean
}

const defaultAncestors = 2_000_000
const defaultTime_ms = 20_000
/** Events whose parents are asked for at once. */
const frontierPart = 10_000

/**
 * Walks from events to all their ancestors, a level of the graph at a time. Each event is visited once, so the walk ends
 * whatever the edges are.
 */
export const closureOf = (
  pool: Pool,
  roots: readonly EventId[],
  limits: ClosureLimits = {},
): Promise<Closure> => withClient(pool, (client) => walk(client, [...new Set(roots)], limits))

const walk = async (
  client: PoolClient,
  roots: readonly EventId[],
  limits: ClosureLimits,
): Promise<Closure> => {
  const deadline = performance.now() + (limits.time_ms ?? defaultTime_ms)
  const most = roots.length + (limits.ancestors ?? defaultAncestors)
  const ids = [...roots]
  const places = new Map(ids.map((id, place) => [id, place]))
  const edges = new EdgeList()
  let from = 0
  while (from < ids.length) {
    if (ids.length > most || performance.now() > deadline)
      return { ids: ids.slice(0, most), roots: roots.length, truncated: true, cyclic: false }
    const part = ids.slice(from, from + frontierPart)
    const { rows } = await client.query<{ edges: string | null }>({
      name: 'parents of a frontier',
      text: `select encode(string_agg(int4send(w.n::int4 - 1) || e.parent, ''::bytea), 'hex') as edges
        from unnest($1::bytea[]) with ordinality w(id, n) join projection.edges e on e.child = w.id`,
      values: [digestArray(part)],
    })
    const packed = rows[0]!.edges ?? ''
    for (let at = 0; at < packed.length; at += edgeDigits) {
      const child = from + Number.parseInt(packed.slice(at, at + indexDigits), 16)
      const parent = packed.slice(at + indexDigits, at + edgeDigits)
      let place = places.get(parent)
      if (place === undefined) {
        place = ids.length
        ids.push(parent)
        places.set(parent, place)
      }
      edges.add(child, place)
    }
    from += part.length
  }
  return { ids, roots: roots.length, truncated: false, cyclic: edges.haveCycle(ids.length) }
}

/** An edge on the wire: the place of its child in the frontier as 4 bytes, then the parent's id, in hexadecimal. */
const indexDigits = 8
const edgeDigits = indexDigits + 64

/** Edges between places, for the one question whether they go in circles. */
class EdgeList {
  #children = new Int32Array(1024)
  #parents = new Int32Array(1024)
  #length = 0

  add(child: number, parent: number): void {
    if (this.#length === this.#children.length) {
      this.#children = grown(this.#children)
      this.#parents = grown(this.#parents)
    }
    this.#children[this.#length] = child
    this.#parents[this.#length++] = parent
  }

  /** Takes away, again and again, what nothing left rests on (Kahn 1962): in a circle something is always left. */
  haveCycle(places: number): boolean {
    const restingOn = new Int32Array(places)
    const starts = new Int32Array(places + 1)
    for (let edge = 0; edge < this.#length; edge++) {
      restingOn[this.#parents[edge]!]!++
      starts[this.#children[edge]! + 1]!++
    }
    for (let place = 0; place < places; place++) starts[place + 1]! += starts[place]!
    const targets = new Int32Array(this.#length)
    const filled = starts.slice()
    for (let edge = 0; edge < this.#length; edge++)
      targets[filled[this.#children[edge]!]!++] = this.#parents[edge]!
    const free: number[] = []
    for (let place = 0; place < places; place++) if (restingOn[place] === 0) free.push(place)
    let taken = 0
    for (let place = free.pop(); place !== undefined; place = free.pop()) {
      taken++
      for (let edge = starts[place]!; edge < starts[place + 1]!; edge++)
        if (--restingOn[targets[edge]!]! === 0) free.push(targets[edge]!)
    }
    return taken < places
  }
}

const grown = (array: Int32Array): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(2 * array.length)
  larger.set(array)
  return larger
}
