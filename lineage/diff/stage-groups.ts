import type { Memo } from '../../events/memo.ts'
import { stageClosed } from '../../events/vocabulary/governance.ts'
import type { Pool } from 'pg'
import type { EventId } from '../../events/event.ts'
import { paramsOf } from '../outcome.ts'
import { leavesOf, type RunMembers } from '../run-members.ts'

/** What the stages of one name used: leaves of their sets. Segments of one training (`RL-CAI 50`, `RL-CAI 100`) are one group. */
export type StageGroups = ReadonlyMap<string, readonly EventId[]>

export const groupName = (stage: string): string => stage.replace(/ \d+$/, '')

export const stageGroups = async (pool: Pool, memo: Memo, run: RunMembers): Promise<StageGroups> => {
  const events = await memo.events(run.stages.map(({ closed }) => closed))
  const groups = new Map<string, EventId[]>()
  for (const [k, { members }] of run.stages.entries()) {
    const event = events[k]
    if (event === undefined) continue
    const name = groupName(paramsOf(stageClosed, event.event).stage)
    groups.set(name, [...(groups.get(name) ?? []), ...(await leavesOf(pool, [members]))])
  }
  return groups
}
