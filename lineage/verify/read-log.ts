import type { EventLog } from '../../events/log.ts'
import { type LogPart, readPart } from '../read-part.ts'

const batchRecords = 2_000

/** A part of one partition. */
export interface LogBatch extends LogPart {
  readonly partition: number
}

/**
 * Every record that the log holds now. The partitions are read side by side, each as far as the others in proportion, so
 * that parents, in whichever partition, mostly come before their children.
 */
export async function* readLog(log: EventLog): AsyncGenerator<LogBatch> {
  const cursors = (await log.sizes())
    .filter(({ next }) => next > 0)
    .map(({ partition, next }) => ({ partition, at: 0, end: next }))
  for (;;) {
    const open = cursors.filter(({ at, end }) => at < end)
    if (open.length === 0) return
    const cursor = open.reduce((least, one) => (one.at / one.end < least.at / least.end ? one : least))
    const limit = Math.min(batchRecords, cursor.end - cursor.at)
    yield { partition: cursor.partition, ...(await readPart(log, cursor.partition, cursor.at, limit)) }
    cursor.at += limit
  }
}
