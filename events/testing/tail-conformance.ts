import { deepEqual, equal } from 'node:assert/strict'
import { sha256Hex } from '../canonical.ts'
import type { EventLog, LogRecord } from '../log.ts'
import { partitionOf } from '../partition.ts'
import { endsOf, fresh, idsOf, madeEntries, madeEntry, type ConformanceCase } from './log-under-test.ts'

/** Follows a log until it has `count` records of the given subjects, then ends the tail. */
const follow = async (
  log: EventLog,
  from: ReadonlyMap<number, number>,
  subjects: ReadonlySet<string>,
  count: number,
): Promise<readonly LogRecord[]> => {
  const stop = new AbortController()
  const seen: LogRecord[] = []
  for await (const records of log.tail(from, stop.signal)) {
    seen.push(...records.filter((record) => subjects.has(record.key)))
    if (seen.length >= count) stop.abort()
  }
  return seen
}

/** What `EventLog.tail` promises. */
export const tailConformance: readonly ConformanceCase[] = [
  {
    promise: 'tails from the offsets given, through what is there into what comes',
    holds: async ({ log, again }) => {
      const subjects = Array.from({ length: 8 }, () => fresh('tail'))
      const from = await endsOf(log)
      const before = subjects.flatMap((subject) => madeEntries(subject, 3))
      await log.append(before, [])
      const following = follow((await again()).log, from, new Set(subjects), 48)
      const after = subjects.map((subject) => madeEntry(subject, 3).entry)
      await log.append(after, [])
      const late = subjects.flatMap((subject) => [4, 5].map((i) => madeEntry(subject, i).entry))
      for (const entry of late) await log.append([entry], [])
      const seen = await following
      equal(seen.length, 48)
      for (const subject of subjects) {
        const offered = [...before, ...after, ...late].filter(
          (entry) => entry.recorded.event.draw.subject === subject,
        )
        const records = seen.filter((record) => record.key === subject)
        deepEqual(
          records.map((record) => sha256Hex(record.value)),
          idsOf(offered),
        )
        deepEqual(
          records.map((record) => record.offset),
          records.map((record) => record.offset).toSorted((a, b) => a - b),
        )
      }
    },
  },
  {
    promise: 'tails from the middle of a partition, and a partition without an offset from its end',
    holds: async ({ log }) => {
      const subject = fresh('middle')
      const partition = partitionOf(subject, log.partitions)
      let other = fresh('other')
      while (partitionOf(other, log.partitions) === partition) other = fresh('other')
      const from = (await endsOf(log)).get(partition)!
      const entries = madeEntries(subject, 4)
      await log.append([...entries, ...madeEntries(other, 4)], [])
      const seen = await follow(log, new Map([[partition, from + 2]]), new Set([subject, other]), 2)
      deepEqual(
        seen.map((record) => sha256Hex(record.value)),
        idsOf(entries.slice(2)),
      )
    },
  },
  {
    promise: 'ends a tail when it is told to, also while nothing comes',
    holds: async ({ log }) => {
      const stop = new AbortController()
      const tail = log.tail(await endsOf(log), stop.signal)[Symbol.asyncIterator]()
      const waiting = tail.next()
      setTimeout(() => stop.abort(), 20)
      deepEqual(await waiting, { done: true, value: undefined })
      const ended = log.tail(new Map(), stop.signal)[Symbol.asyncIterator]()
      equal((await ended.next()).done, true)
    },
  },
]
