import { type EventId, maxSetChildren, type Recorded } from '../../events/event.ts'
import { stageClosed } from '../../events/vocabulary/governance.ts'
import { setNode } from '../../events/vocabulary/training.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import type { Place } from '../verify-types.ts'
import type { Findings } from './findings.ts'

interface SetNode {
  readonly count: number
  readonly depth: number
}

interface Inner extends SetNode {
  readonly id: EventId
  readonly type: string
  readonly children: readonly EventId[]
  readonly place: Place
}

/** Whether sets hold what they say: counts, depths, and the number of members that a closed stage names. */
export class SetCheck {
  readonly #findings: Findings
  readonly #nodes = new Map<EventId, SetNode>()
  /** Nodes whose children are nodes: one of 512, to be judged when all are known. */
  readonly #inner: Inner[] = []
  readonly #closed: {
    readonly id: EventId
    readonly set: EventId
    readonly events: number
    readonly place: Place
  }[] = []

  constructor(findings: Findings) {
    this.#findings = findings
  }

  add({ id, event }: Recorded, place: Place): void {
    if (event.type === 'set.formed' || event.type === 'set.node') {
      const { count, depth } = paramsOf(setNode, event)
      this.#nodes.set(id, { count, depth })
      const children = event.parents.map((parent) => parent.id)
      if (children.length > maxSetChildren)
        this.#fault(id, place, `${event.type} has ${children.length} children, more than ${maxSetChildren}`)
      if (depth > 0) this.#inner.push({ id, type: event.type, count, depth, children, place })
      else if (children.length !== count)
        this.#fault(id, place, `${event.type} says that it has ${count} members, and has ${children.length}`)
    } else if (event.type === 'stage.closed') {
      const set = event.parents.find(({ role }) => role === 'members')?.id
      const events = outcomeOf(stageClosed, event)?.events
      if (set !== undefined && events !== undefined) this.#closed.push({ id, set, events, place })
    }
  }

  finish(): void {
    for (const inner of this.#inner) this.#judge(inner)
    for (const { id, set, events, place } of this.#closed) {
      const count = this.#nodes.get(set)?.count
      if (count !== undefined && count !== events)
        this.#fault(id, place, `stage.closed says ${events} events, and its set ${set} has ${count}`)
    }
  }

  #judge({ id, type, count, depth, children, place }: Inner): void {
    const nodes = children.map((child) => this.#nodes.get(child))
    // A child that is missing is reported as missing; then nothing can be added up.
    if (nodes.some((node) => node === undefined)) return
    const sum = nodes.reduce((total, node) => total + node!.count, 0)
    if (sum !== count) this.#fault(id, place, `${type} says that it has ${count} members, and has ${sum}`)
    if (nodes.some((node) => node!.depth !== depth - 1))
      this.#fault(id, place, `${type} says that it is ${depth} levels deep, and its children say otherwise`)
  }

  #fault(id: EventId, place: Place, what: string): void {
    this.#findings.add({ kind: 'set', id, ...place, what })
  }
}
