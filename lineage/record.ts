import type { BlobStore } from '../events/blobs.ts'
import type { EventId, Recorded } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { setMembers } from '../events/sets.ts'
import { MissingFromRecord } from './trace-errors.ts'

/** What a question to the record reads events and their bytes from: a home is one. */
export interface RecordAccess {
  readonly memo: Memo
  readonly blobs: BlobStore
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

/** The parent that an event of this type cannot be without. @throws MissingFromRecord */
export const theParent = (recorded: Recorded, role: string): EventId => {
  const id = parentOf(recorded, role)
  if (id === undefined) throw new MissingFromRecord(`${role} of ${recorded.id}`)
  return id
}

/** Ids of a set's members, in its order. */
export const membersOf = async (
  access: Pick<RecordAccess, 'memo'>,
  set: EventId,
): Promise<readonly EventId[]> => {
  const ids: EventId[] = []
  for await (const id of setMembers(set, (wanted) => access.memo.events(wanted))) ids.push(id)
  return ids
}
