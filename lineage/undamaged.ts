import type { EventId, Recorded } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { RecordDamaged } from '../events/postgres/database-errors.ts'

/**
 * Events by id, undefined where one is missing or its bytes are damaged. The memo refuses a damaged record together with
 * all that was asked for beside it: asking again for halves finds the one and gives the rest.
 */
export const eventsUndamaged = async (
  memo: Memo,
  ids: readonly EventId[],
): Promise<readonly (Recorded | undefined)[]> => {
  try {
    return await memo.events(ids)
  } catch (error) {
    if (!(error instanceof RecordDamaged)) throw error
    if (ids.length === 1) return [undefined]
    const middle = Math.ceil(ids.length / 2)
    return [
      ...(await eventsUndamaged(memo, ids.slice(0, middle))),
      ...(await eventsUndamaged(memo, ids.slice(middle))),
    ]
  }
}
