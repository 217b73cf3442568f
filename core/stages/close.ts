import type { EventId } from '../../events/event.ts'
import { hansardBy, recordEvent } from '../../events/identity.ts'
import { sealOf } from '../../events/seal.ts'
import { formSet } from '../../events/sets.ts'
import { runSealed, stageClosed } from '../../events/vocabulary/governance.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { membersOf } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import { nowhere, ok, type Stage } from '../stage.ts'

/** Names everything that a stage used: the set of its event ids, ascending. Resolves to the `stage.closed`. */
export const closeStage = async (stage: Stage, started: EventId): Promise<EventId> => {
  const { run, used, name } = stage
  const { root, nodes } = formSet('stage', [...used].toSorted())
  const closed = recordEvent(stageClosed, {
    by: hansardBy,
    params: { stage: name },
    parents: [
      { role: 'members', id: root.id },
      { role: 'run', id: started },
    ],
    draw: nowhere(stageClosed.type),
    out: ok({ events: used.size }),
  })
  await run.recordAll([...nodes, root, closed])
  return closed.id
}

export interface Sealed {
  readonly run: EventId
  readonly seal: string
  readonly events: number
}

/** Seals a run: the Merkle root over all that its stages used. Depends on the run's settings alone with exact backends. */
export const sealRun = async (run: Run, started: EventId, stages: readonly EventId[]): Promise<Sealed> => {
  const used: (readonly EventId[])[] = []
  for (const closed of await eventsOf(run, stages))
    used.push(await membersOf(run, theParent(closed, 'members')))
  const { seal, events } = sealOf(used.flat())
  const sealed = recordEvent(runSealed, {
    by: hansardBy,
    params: {},
    parents: [{ role: 'run', id: started }, ...stages.map((id) => ({ role: 'stage', id }))],
    draw: nowhere(runSealed.type),
    out: ok({ seal, events }),
  })
  await run.recordAll([sealed])
  return { run: sealed.id, seal, events }
}
