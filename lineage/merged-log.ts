import type { EventLog } from '../events/log.ts'
import { LogGap } from './errors.ts'
import { type Projected, projectRecord, unreadable } from './projected-rows.ts'
import { readPart } from './read-part.ts'

/** Next offset by partition. */
export type Positions = ReadonlyMap<number, number>

export interface MergedBatch {
  readonly projected: readonly Projected[]
  /** Where each partition of the batch has come to. */
  readonly positions: Positions
}

/** Records of one batch, and records of one partition that are read at once. */
const batchRecords = 5_000
const partRecords = 2_000

interface Ahead {
  readonly offset: number
  readonly time: string
  readonly projected: Projected
}

interface Cursor {
  readonly partition: number
  readonly end: number
  /** The next offset to be read. */
  next: number
  ahead: Ahead[]
  at: number
}

export interface MergeOptions {
  /** Where to end in each partition; at what the log holds now where absent. */
  readonly to?: Positions
  readonly signal?: AbortSignal | undefined
}

/**
 * What a log holds beyond some positions, decoded, in batches. The partitions are merged by what their hosts' clocks said:
 * across partitions a log promises no order, and people want to read events about as they happened.
 * @throws LogGap
 */
export async function* mergedBatches(
  log: EventLog,
  from: Positions,
  { to, signal }: MergeOptions = {},
): AsyncGenerator<MergedBatch> {
  const open = (await log.sizes())
    .map(({ partition, next: end }): Cursor => ({
      partition,
      end: to === undefined ? end : (to.get(partition) ?? 0),
      next: from.get(partition) ?? 0,
      ahead: [],
      at: 0,
    }))
    .filter(({ next, end }) => next < end)
  for (const cursor of open) await readAhead(log, cursor)
  while (open.length > 0 && signal?.aborted !== true) {
    const projected: Projected[] = []
    const positions = new Map<number, number>()
    while (open.length > 0 && projected.length < batchRecords) {
      const cursor = earliest(open)
      const one = cursor.ahead[cursor.at++]!
      projected.push(one.projected)
      positions.set(cursor.partition, one.offset + 1)
      if (cursor.at < cursor.ahead.length) continue
      if (cursor.next < cursor.end) await readAhead(log, cursor)
      else open.splice(open.indexOf(cursor), 1)
    }
    yield { projected, positions }
  }
}

const earliest = (cursors: readonly Cursor[]): Cursor => {
  let first = cursors[0]!
  for (const cursor of cursors)
    if (cursor.ahead[cursor.at]!.time < first.ahead[first.at]!.time) first = cursor
  return first
}

const readAhead = async (log: EventLog, cursor: Cursor): Promise<void> => {
  const { partition, next, end } = cursor
  const limit = Math.min(partRecords, end - next)
  const { records, lost } = await readPart(log, partition, next, limit)
  const gap = lost.find(({ reason }) => reason === 'gap')
  if (gap !== undefined) throw new LogGap(log.topic, partition, gap.offset)
  const ahead: Ahead[] = records.map((record) => ({
    offset: record.offset,
    time: record.headers['ce_time'] ?? '',
    projected: projectRecord(record),
  }))
  for (const { offset, why } of lost)
    ahead.push({ offset, time: '', projected: unreadable(partition, offset, why) })
  cursor.ahead = lost.length === 0 ? ahead : ahead.toSorted((a, b) => a.offset - b.offset)
  cursor.at = 0
  cursor.next = next + limit
}
