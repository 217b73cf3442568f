import type { RecordAccess } from '../record.ts'
import { eventsOfRun, type RunMembers, runParameters } from '../run-members.ts'
import type { RunPage } from './run-page.ts'

/** Outcomes of a run that failed, by type and reason, the most frequent first. */
export const failuresOf = async (access: RecordAccess, run: RunMembers): Promise<RunPage['failures']> => {
  const { rows } = await access.graph.pool.query<{ type: string; reason: string; count: string }>(
    `select n.type, coalesce(n.reason, 'unknown') as reason, count(*) as count from projection.nodes n
      where n.status = 'failed' and ${eventsOfRun(run, 1)}
      group by n.type, n.reason order by count(*) desc, n.type, n.reason`,
    runParameters(run),
  )
  return rows.map(({ type, reason, count }) => ({ type, reason, count: Number(count) }))
}
