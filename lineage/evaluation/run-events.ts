import type { EventId, Recorded } from '../../events/event.ts'
import { eventsOf, type RecordAccess } from '../record.ts'
import { eventsOfRun, type RunMembers, runParameters } from '../run-members.ts'

/** The types that figures of a run are made from; rollouts, rewards and samples are reached from these. */
const types = [
  'model.registered',
  'policy.published',
  'train.started',
  'checkpoint.saved',
  'set.formed',
  'features.computed',
  'label.assigned',
  'label.imported',
  'harm.scored',
  'comparison.made',
  'item.answered',
] as const
type IndexedType = (typeof types)[number]

/** Outcomes of one type and reason that failed. */
export interface FailureCount {
  readonly type: string
  readonly reason: string
  readonly count: number
}

interface RunIndex {
  readonly ids: ReadonlyMap<string, readonly EventId[]>
  readonly failures: readonly FailureCount[]
}

/** What belongs to a run is asked for once: it is the dearest question here. */
const indexes = new WeakMap<RunMembers, Promise<RunIndex>>()

const indexOf = (access: RecordAccess, run: RunMembers): Promise<RunIndex> => {
  const known = indexes.get(run) ?? readIndex(access, run)
  indexes.set(run, known)
  known.catch(() => indexes.delete(run))
  return known
}

const readIndex = async (access: RecordAccess, run: RunMembers): Promise<RunIndex> => {
  const { rows } = await access.graph.pool.query<{
    type: string
    status: string
    reason: string | null
    count: string
    placed: string | null
  }>(
    `select n.type, n.status, n.reason, count(*) as count,
        encode(string_agg(int8send(n.seq) || n.id, ''::bytea) filter (where n.type = any($1)), 'hex') as placed
      from projection.nodes n where ${eventsOfRun(run, 2)} group by n.type, n.status, n.reason`,
    [types, ...runParameters(run)],
  )
  const placed = new Map<string, string[]>()
  for (const { type, status, placed: packed } of rows)
    for (const key of [type, `${type} ${status}`])
      placed.set(key, [...(placed.get(key) ?? []), ...placesOfPacked(packed)])
  const ids = new Map([...placed].map(([key, places]) => [key, places.toSorted().map(idOfPlace)]))
  return {
    ids,
    failures: rows
      .filter(({ status }) => status === 'failed')
      .map(({ type, reason, count }) => ({ type, reason: reason ?? 'unknown', count: Number(count) }))
      .toSorted((a, b) => b.count - a.count || (`${a.type} ${a.reason}` < `${b.type} ${b.reason}` ? -1 : 1)),
  }
}

/** `seq` in 16 digits, then the id: sorting them as texts puts them into the projection's order, without a sort in Postgres. */
const seqDigits = 16
const placeDigits = seqDigits + 64

const placesOfPacked = (packed: string | null): readonly string[] =>
  Array.from({ length: (packed?.length ?? 0) / placeDigits }, (_, at) =>
    packed!.slice(at * placeDigits, (at + 1) * placeDigits),
  )

const idOfPlace = (place: string): EventId => place.slice(seqDigits)

/** Events of a type that a run used, in the order in which the projection met them: all, or those with one outcome. */
export const eventsOfType = async (
  access: RecordAccess,
  run: RunMembers,
  type: IndexedType,
  status?: 'ok' | 'failed',
): Promise<readonly Recorded[]> => {
  const { ids } = await indexOf(access, run)
  return eventsOf(access, ids.get(status === undefined ? type : `${type} ${status}`) ?? [])
}

/** Outcomes of a run that failed, by type and reason, the most frequent first. */
export const failuresOf = async (access: RecordAccess, run: RunMembers): Promise<readonly FailureCount[]> =>
  (await indexOf(access, run)).failures
