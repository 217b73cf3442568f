import type * as z from 'zod'
import { BrokenSet } from './errors.ts'
import { type EventId, maxSetChildren, type Recorded } from './event.ts'
import { hansardBy, recordEvent } from './identity.ts'
import { setFormed, setNode } from './vocabulary/training.ts'

/** What a set is formed for, as the vocabulary says. */
export type SetPurpose = z.infer<typeof setFormed.params>['purpose']

/** Nodes asked for at once while a set is read: 64 of 512 children are 32,768 members. */
const nodesPerLoad = 64

interface Subtree {
  readonly id: EventId
  readonly count: number
}

export interface FormedSet {
  readonly root: Recorded
  /** The inner nodes, children before their parents. */
  readonly nodes: readonly Recorded[]
}

/**
 * Forms an ordered set of events, however many: a tree whose nodes have at most 512 children. Every node but the last
 * of its level is full, so equal members in equal order give equal ids. To be appended: the nodes, then the root.
 * @param fanIn children of one node; other than 512 only in tests
 */
export const formSet = (purpose: SetPurpose, ids: readonly EventId[], fanIn = maxSetChildren): FormedSet => {
  const nodes: Recorded[] = []
  let level: readonly Subtree[] = ids.map((id) => ({ id, count: 1 }))
  let depth = 0
  for (; level.length > fanIn; depth++) {
    const above: Subtree[] = []
    for (let start = 0; start < level.length; start += fanIn) {
      const children = level.slice(start, start + fanIn)
      const count = countOf(children)
      const node = recordNode(setNode, { count, depth }, children)
      nodes.push(node)
      above.push({ id: node.id, count })
    }
    level = above
  }
  return { root: recordNode(setFormed, { purpose, count: ids.length, depth }, level), nodes }
}

const countOf = (children: readonly Subtree[]): number => children.reduce((sum, { count }) => sum + count, 0)

const recordNode = (
  definition: typeof setFormed | typeof setNode,
  params: Recorded['event']['params'],
  children: readonly Subtree[],
): Recorded =>
  recordEvent(definition, {
    by: hansardBy,
    params,
    parents: children.map(({ id }) => ({ role: 'child', id })),
    draw: { subject: definition.type, round: 0, i: 0 },
    out: { status: 'ok' },
  })

/** Loads events by id, in the order asked; `Memo.events` is one. */
export type LoadEvents = (ids: readonly EventId[]) => Promise<readonly (Recorded | undefined)[]>

/** Members start … start+count−1. */
export interface Slice {
  readonly start: number
  readonly count: number
}

/**
 * The members of a set in its order, or a slice of them; only the nodes that lead there are loaded, in batches.
 * Every node must have exactly the shape that `formSet` gives it, so a forged count is found and a cycle cannot be walked.
 * @throws BrokenSet naming the node
 * @throws RangeError where the slice reaches beyond the set
 */
export async function* setMembers(
  root: EventId,
  load: LoadEvents,
  slice?: Slice,
  fanIn = maxSetChildren,
): AsyncGenerator<EventId> {
  const [found] = await load([root])
  const node = nodeOf(root, found, fanIn)
  const { start, count } = slice ?? { start: 0, count: node.count }
  if (start < 0 || count < 0 || start + count > node.count)
    throw new RangeError(
      `${count} members from ${start} on are asked of set ${root}, which has ${node.count}`,
    )
  for await (const members of leavesOf(node, start, start + count, load, fanIn)) yield* members
}

interface Node {
  readonly children: readonly EventId[]
  readonly count: number
  readonly depth: number
}

/** Members `from` … `to`−1 of a node, in parts. Every child but the last is full, so a place tells its child. */
async function* leavesOf(
  node: Node,
  from: number,
  to: number,
  load: LoadEvents,
  fanIn: number,
): AsyncGenerator<readonly EventId[]> {
  if (node.depth === 0) {
    yield node.children.slice(from, to)
    return
  }
  const capacity = capacityOf(fanIn, node.depth)
  const end = Math.ceil(to / capacity)
  for (let start = Math.floor(from / capacity); start < end; start += nodesPerLoad) {
    const ids = node.children.slice(start, Math.min(start + nodesPerLoad, end))
    const found = await load(ids)
    for (const [index, id] of ids.entries()) {
      const before = (start + index) * capacity
      const expected = { count: Math.min(capacity, node.count - before), depth: node.depth - 1 }
      const child = nodeOf(id, found[index], fanIn, expected)
      yield* leavesOf(child, Math.max(from - before, 0), Math.min(to - before, child.count), load, fanIn)
    }
  }
}

/** Members below a full child of a node that is `depth` levels above the members; beyond 2⁵³ whatever is larger. */
const capacityOf = (fanIn: number, depth: number): number => {
  let capacity = 1
  for (let level = 0; level < depth && capacity <= Number.MAX_SAFE_INTEGER; level++) capacity *= fanIn
  return capacity
}

/** Reads a node: the root where nothing is `expected` of it. @throws BrokenSet where its shape is not formSet's */
const nodeOf = (
  id: EventId,
  recorded: Recorded | undefined,
  fanIn: number,
  expected?: { readonly count: number; readonly depth: number },
): Node => {
  if (recorded === undefined) throw new BrokenSet(`node ${id} of a set is missing`)
  const { type, params, parents } = recorded.event
  if (type !== (expected === undefined ? setFormed : setNode).type)
    throw new BrokenSet(`${id} stands in a set and is a ${type}`)
  const { count, depth } = params as { readonly count: number; readonly depth: number }
  const capacity = capacityOf(fanIn, depth)
  const shaped =
    expected === undefined
      ? depth === 0 || count > capacity
      : count === expected.count && depth === expected.depth
  if (!shaped || parents.length > fanIn || parents.length !== Math.ceil(count / capacity))
    throw new BrokenSet(
      `node ${id} of a set has ${parents.length} children, and says ${count} members, ${depth} levels below it`,
    )
  return { children: parents.map((parent) => parent.id), count, depth }
}
