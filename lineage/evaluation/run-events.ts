import type { Recorded } from '../../events/event.ts'
import { eventsOf, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'

/** Nodes of one page. */
const page = 50_000

/** All events of a type that a run used and that did not fail (or that did), in the order in which the projection met them. */
export const eventsOfType = async (
  access: RecordAccess,
  run: RunMembers,
  type: string,
  status?: 'ok' | 'failed',
): Promise<readonly Recorded[]> => {
  const events: Recorded[] = []
  for (let after = 0; ;) {
    const nodes = await access.graph.byType(type, { run, ...(status && { status }), after, limit: page })
    events.push(
      ...(await eventsOf(
        access,
        nodes.map(({ id }) => id),
      )),
    )
    if (nodes.length < page) return events
    after = nodes.at(-1)!.seq
  }
}
