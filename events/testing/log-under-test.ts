import { randomBytes } from 'node:crypto'
import { hansardBy, recordEvent } from '../identity.ts'
import type { Entry, EventLog, LogRecord, TextRecord } from '../log.ts'
import type { Memo } from '../memo.ts'
import { textRef } from '../texts.ts'
import { datasetImported, templateDefined } from '../vocabulary/governance.ts'

/** An adapter as the conformance suite meets it. */
export interface LogUnderTest {
  readonly log: EventLog
  readonly memo: Memo
  /** The same log and memo, opened once more: another process's view, with sessions of its own. */
  readonly again: () => Promise<{ readonly log: EventLog; readonly memo: Memo }>
}

/** One promise of a port, as a sentence, and the check that it holds (it throws where it does not). */
export interface ConformanceCase {
  readonly promise: string
  readonly holds: (subject: LogUnderTest) => Promise<void>
}

/** A name that no other case, test or earlier run has used: cases share one log. */
export const fresh = (word: string): string => `${word} ${randomBytes(8).toString('hex')}`

/** An entry that tells what it is about by `subject` and `i`, with its text. */
export const madeEntry = (
  subject: string,
  i: number,
  body = `${subject} ${i}`,
): { readonly entry: Entry; readonly text: TextRecord } => {
  const ref = textRef(body)
  const recorded = recordEvent(templateDefined, {
    by: hansardBy,
    params: { name: 'conformance', text: { ...ref } },
    parents: [],
    draw: { subject, round: 0, i },
    out: { status: 'ok' },
  })
  return { entry: { recorded, meta: { ce_time: '2026-01-01T00:00:00.000Z' } }, text: { ref, text: body } }
}

export const madeEntries = (subject: string, count: number): readonly Entry[] =>
  Array.from({ length: count }, (_, i) => madeEntry(subject, i).entry)

/** An answer to one question: another number gives another event under the same recipe. */
export const madeAnswer = (subject: string, rows: number): Entry => ({
  recorded: recordEvent(datasetImported, {
    by: hansardBy,
    params: { name: 'conformance', use: 'items', format: 'made', digest: '0'.repeat(64), personal: false },
    parents: [],
    draw: { subject, round: 0, i: 0 },
    out: { status: 'ok', rows },
  }),
  meta: {},
})

export const idsOf = (entries: readonly Entry[]): readonly string[] =>
  entries.map((entry) => entry.recorded.id)

/** All that a partition holds from an offset on, in pages. */
export const readAll = async (
  log: EventLog,
  partition: number,
  from = 0,
  page = 1_000,
): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = []
  for (;;) {
    const next = await log.read(partition, from + records.length, page)
    records.push(...next)
    if (next.length < page) return records
  }
}

/** Next offsets by partition: what was there before a case wrote. */
export const endsOf = async (log: EventLog): Promise<ReadonlyMap<number, number>> =>
  new Map((await log.sizes()).map((size) => [size.partition, size.next]))

/** What was written to any partition since `ends`. */
export const writtenSince = async (
  log: EventLog,
  ends: ReadonlyMap<number, number>,
): Promise<readonly LogRecord[]> => {
  const pages = []
  for (const [partition, from] of ends) pages.push(await readAll(log, partition, from))
  return pages.flat()
}
