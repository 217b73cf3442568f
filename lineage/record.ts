import type { BlobStore } from '../events/blobs.ts'
import type { Digest, EventId, Recorded } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { setFormed } from '../events/vocabulary/training.ts'
import type { Graph } from './graph.ts'
import { paramsOf } from './outcome.ts'
import { leavesOf } from './run-members.ts'
import { MissingFromRecord } from './trace-errors.ts'

/** What questions are answered from: events, texts and blobs by their names, and the projection's edges. */
export interface RecordAccess {
  readonly memo: Memo
  readonly blobs: BlobStore
  readonly graph: Graph
}

/** Events by id, in the order asked. @throws MissingFromRecord naming the first that is not there */
export const eventsOf = async (
  { memo }: Pick<RecordAccess, 'memo'>,
  ids: readonly EventId[],
): Promise<readonly Recorded[]> => {
  const found = await memo.events(ids)
  return found.map((event, at) => {
    if (event === undefined) throw new MissingFromRecord(ids[at]!)
    return event
  })
}

export const eventOf = async (access: Pick<RecordAccess, 'memo'>, id: EventId): Promise<Recorded> =>
  (await eventsOf(access, [id]))[0]!

/** The one parent of a role, or undefined. */
export const parentOf = ({ event }: Recorded, role: string): EventId | undefined =>
  event.parents.find((parent) => parent.role === role)?.id

export const parentsOf = ({ event }: Recorded, role: string): readonly EventId[] =>
  event.parents.filter((parent) => parent.role === role).map((parent) => parent.id)

/** The parent that an event of its type cannot be without. @throws MissingFromRecord */
export const theParent = (recorded: Recorded, role: string): EventId => {
  const id = parentOf(recorded, role)
  if (id === undefined) throw new MissingFromRecord(`the ${role} of ${recorded.id}`)
  return id
}

/**
 * Ids of a set's members, in its order.
 * @throws MissingFromRecord where a part of the set is not in the projection
 */
export const membersOf = async (access: RecordAccess, set: EventId): Promise<readonly EventId[]> => {
  const root = await eventOf(access, set)
  const leaves = await leavesOf(access.graph.pool, [set])
  const edges = await access.graph.parentsOf(leaves, 'child')
  const members = leaves.flatMap((leaf) => (edges.get(leaf) ?? []).map(({ parent }) => parent))
  const { count } = paramsOf(setFormed, root.event)
  if (members.length !== count)
    throw new MissingFromRecord(`${count - members.length} of the ${count} members of set ${set}`)
  return members
}

/** The text of each event's answer or prompt; null where it has none or it was erased. */
export const textsOf = async (
  { memo }: Pick<RecordAccess, 'memo'>,
  events: readonly Recorded[],
): Promise<readonly (string | null)[]> => {
  const digests = events.map(({ event }) => (event.out['text'] as { digest?: Digest } | undefined)?.digest)
  const wanted = [...new Set(digests.filter((digest) => digest !== undefined))]
  const found = await memo.texts(wanted)
  const byDigest = new Map(wanted.map((digest, at) => [digest, found[at]]))
  return digests.map((digest) => (digest === undefined ? null : (byDigest.get(digest) ?? null)))
}
