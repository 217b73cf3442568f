import type { Pool } from 'pg'
import type { EventLog } from '../../events/log.ts'
import { type LogPart, readPart } from '../read-part.ts'
import { type Claim, claimsOf } from './index-claims.ts'

const batchRecords = 2_000

/** A part of one partition, and what the index says of it. */
export interface LogBatch extends LogPart {
  readonly partition: number
  readonly claims: ReadonlyMap<number, Claim>
}

/**
 * Every record that the log holds now. The partitions are read side by side, each as far as the others in proportion, so
 * that parents, in whichever partition, mostly come before their children. While one batch is worked on, the next is read.
 */
export async function* readLog(log: EventLog, pool: Pool): AsyncGenerator<LogBatch> {
  const cursors = (await log.sizes())
    .filter(({ next }) => next > 0)
    .map(({ partition, next }) => ({ partition, at: 0, end: next }))
  const readNext = (): Promise<LogBatch> | undefined => {
    const open = cursors.filter(({ at, end }) => at < end)
    if (open.length === 0) return undefined
    const cursor = open.reduce((least, one) => (one.at / one.end < least.at / least.end ? one : least))
    const { partition, at } = cursor
    const limit = Math.min(batchRecords, cursor.end - at)
    cursor.at += limit
    return readBatch(log, pool, partition, at, limit)
  }
  let reading = readNext()
  while (reading !== undefined) {
    const batch = await reading
    reading = readNext()
    // Whoever stops listening early leaves one read behind: its failure is nobody's any more.
    reading?.catch(() => undefined)
    yield batch
  }
}

const readBatch = async (
  log: EventLog,
  pool: Pool,
  partition: number,
  from: number,
  limit: number,
): Promise<LogBatch> => {
  const [part, claims] = await Promise.all([
    readPart(log, partition, from, limit),
    claimsOf(pool, partition, from, from + limit - 1),
  ])
  return { partition, claims, ...part }
}
