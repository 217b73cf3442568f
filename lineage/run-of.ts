import type { EventId, Recorded } from '../events/event.ts'
import { childrenBy, nodeOf, parentsBy } from './edge-lookups.ts'
import { eventOf, type RecordAccess } from './record.ts'

/**
 * The run that an event belongs to, by its run.started: the first whose closed stages used it; while its stage is still
 * open, the run that its headers name (a hint). Undefined where neither tells.
 */
export const runOf = async (access: RecordAccess, id: EventId): Promise<Recorded | undefined> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `with recursive up(id) as (
        select $1::bytea
        union
        select e.child from up, ${childrenBy('up.id', 'child')} e)
      select encode(r.parent, 'hex') as id
        from up, ${childrenBy('up.id', 'members')} m, ${parentsBy('m.child', 'run')} r, ${nodeOf('r.parent')} n
        order by n.seq limit 1`,
    [Buffer.from(id, 'hex')],
  )
  const [started] = rows
  if (started !== undefined) return eventOf(access, started.id)
  const hint = (await access.graph.node(id))?.meta['ce_run']
  return hint === undefined ? undefined : hintedRun(access, hint)
}

/** The run that a header names, where it is there. */
const hintedRun = async (access: RecordAccess, hint: string): Promise<Recorded | undefined> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `select encode(id, 'hex') as id from projection.nodes where type = 'run.started' and recipe = $1 order by seq limit 1`,
    [/^[0-9a-f]{64}$/.test(hint) ? Buffer.from(hint, 'hex') : Buffer.alloc(0)],
  )
  return rows[0] === undefined ? undefined : eventOf(access, rows[0].id)
}
