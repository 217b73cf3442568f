import type { EventLog, LogRecord } from '../events/log.ts'

/** An offset that has no record, or one that cannot be read. */
export interface Lost {
  readonly offset: number
  readonly reason: 'gap' | 'headers'
  readonly why: string
}

export interface LogPart {
  readonly records: readonly LogRecord[]
  readonly lost: readonly Lost[]
}

/** Reads offsets `from` … `from`+`limit`−1 of a partition; what is not there or cannot be read is said, and the rest given. */
export const readPart = async (
  log: EventLog,
  partition: number,
  from: number,
  limit: number,
): Promise<LogPart> => {
  try {
    const records = (await log.read(partition, from, limit)).filter(({ offset }) => offset < from + limit)
    return { records, lost: records.length === limit ? [] : gapsIn(records, from, limit) }
  } catch (error) {
    // One record whose headers are damaged takes the whole batch with it: halves find it.
    if (!(error instanceof SyntaxError)) throw error
    if (limit === 1)
      return {
        records: [],
        lost: [{ offset: from, reason: 'headers', why: `its headers cannot be read: ${error.message}` }],
      }
    const half = Math.ceil(limit / 2)
    const first = await readPart(log, partition, from, half)
    const second = await readPart(log, partition, from + half, limit - half)
    return {
      records: [...first.records, ...second.records],
      lost: [...first.lost, ...second.lost],
    }
  }
}

const gapsIn = (records: readonly LogRecord[], from: number, limit: number): readonly Lost[] => {
  const there = new Set(records.map(({ offset }) => offset))
  const lost: Lost[] = []
  for (let offset = from; offset < from + limit; offset++)
    if (!there.has(offset)) lost.push({ offset, reason: 'gap', why: 'there is no record' })
  return lost
}
