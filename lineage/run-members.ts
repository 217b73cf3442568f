import type { Pool } from 'pg'
import type { EventId, Meta, RecipeId } from '../events/event.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { AmbiguousId, NoSuchEvent } from './errors.ts'
import { boundsOf, timeOf } from './id-prefix.ts'

/** A stage of a run that has ended. */
export interface ClosedStage {
  readonly closed: EventId
  /** Root of the set of what the stage used. */
  readonly members: EventId
}

/** What belongs to a run, as the record says it. */
export interface RunMembers {
  /** Recipe of its run.started. */
  readonly run: RecipeId
  readonly started: EventId
  /** The run.sealed, once there is one. */
  readonly sealed: EventId | undefined
  readonly stages: readonly ClosedStage[]
  /** Nodes of the stages' sets whose children are the members themselves. */
  readonly leaves: readonly EventId[]
  /** Whether the header `ce_run` counts too: while a run is not sealed, nothing else tells what its open stage wrote. */
  readonly hint: boolean
}

/**
 * A run by its id, the id of its run.started, or any unique beginning of either.
 * @throws NoSuchEvent, AmbiguousId
 */
export const findRun = async (pool: Pool, prefix: string): Promise<RunMembers> => {
  const digits = prefix.trim().toLowerCase()
  if (!/^[0-9a-f]{1,64}$/.test(digits)) throw new NoSuchEvent(prefix, 'run')
  const { rows } = await pool.query<{ id: string; run: string; meta: string }>(
    `select encode(id, 'hex') as id, encode(recipe, 'hex') as run, meta from projection.nodes
      where type = 'run.started' and (recipe >= $1 and recipe <= $2 or id >= $1 and id <= $2)
      order by seq limit 11`,
    boundsOf(digits),
  )
  const [first, ...others] = rows
  if (first === undefined) throw new NoSuchEvent(prefix, 'run')
  if (others.length > 0)
    throw new AmbiguousId(
      prefix,
      rows.map(({ run, meta }) => ({ id: run, type: 'run.started', time: timeOf(JSON.parse(meta) as Meta) })),
      false,
    )
  return membersOfRun(pool, first.run, first.id)
}

/** What belongs to a run whose run.started is known. */
export const membersOfRun = async (pool: Pool, run: RecipeId, started: EventId): Promise<RunMembers> => {
  const { rows } = await pool.query<{ type: string; id: string; members: string | null }>(
    `select n.type, encode(n.id, 'hex') as id, encode(m.parent, 'hex') as members
      from projection.edges e join projection.nodes n on n.id = e.child
        left join projection.edges m on m.child = n.id and m.role = 'members'
      where e.parent = $1 and e.role = 'run' and n.type in ('run.sealed', 'stage.closed')
      order by n.seq`,
    [Buffer.from(started, 'hex')],
  )
  const sealed = rows.find(({ type }) => type === 'run.sealed')?.id
  const stages = rows.flatMap(({ type, id, members }) =>
    type === 'stage.closed' && members !== null ? [{ closed: id, members }] : [],
  )
  const kept = sealed === undefined ? stages : await stagesUnder(pool, sealed, stages)
  return {
    run,
    started,
    sealed,
    stages: kept,
    leaves: await leavesOf(
      pool,
      kept.map(({ members }) => members),
    ),
    hint: sealed === undefined,
  }
}

/** A stage may have been closed more than once (another version of hansard used other events): the seal says which counts. */
const stagesUnder = async (
  pool: Pool,
  sealed: EventId,
  stages: readonly ClosedStage[],
): Promise<readonly ClosedStage[]> => {
  const { rows } = await pool.query<{ parent: string }>(
    `select encode(parent, 'hex') as parent from projection.edges where child = $1 and role = 'stage'`,
    [Buffer.from(sealed, 'hex')],
  )
  const named = new Set(rows.map(({ parent }) => parent))
  return stages.filter(({ closed }) => named.has(closed))
}

/** The nodes of sets whose children are members, in the sets' order; a root may be one itself. */
export const leavesOf = async (pool: Pool, roots: readonly EventId[]): Promise<readonly EventId[]> => {
  const { rows } = await pool.query<{ id: string }>(
    `with recursive walk(id, depth, path) as (
        select w.id, s.depth::int, array[w.n::int]
          from unnest($1::bytea[]) with ordinality w(id, n) join projection.nodes s on s.id = w.id
          where s.depth is not null
        union all
        select e.parent, w.depth - 1, w.path || e.pos
          from walk w join projection.edges e on e.child = w.id and e.role = 'child'
          where w.depth > 0)
      select encode(id, 'hex') as id from walk where depth = 0 order by path`,
    [digestArray(roots)],
  )
  return rows.map(({ id }) => id)
}

/**
 * SQL that is true of a node `n` of a run: a member of one of the leaves, one of the events that close stages and seal the
 * run, or, where that counts, one whose header names the run. Its parameters, from `$at` on, are those of `runParameters`.
 */
export const eventsOfRun = (run: RunMembers, at: number): string =>
  `n.id in (select parent from projection.edges where child = any($${at}::bytea[]) and role = 'child'
    union all select unnest($${at + 1}::bytea[])${
      run.hint ? ` union all select id from projection.nodes where run = $${at + 2}` : ''
    })`

export const runParameters = ({ run, leaves, stages, sealed, hint }: RunMembers): Buffer[] => [
  digestArray(leaves),
  digestArray([...stages.map(({ closed }) => closed), ...(sealed === undefined ? [] : [sealed])]),
  ...(hint ? [Buffer.from(run, 'hex')] : []),
]
