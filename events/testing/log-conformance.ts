import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { sha256Hex } from '../canonical.ts'
import { InvalidEvent } from '../errors.ts'
import { maxValueBytes } from '../event.ts'
import type { Answer } from '../log.ts'
import { partitionOf } from '../partition.ts'
import {
  endsOf,
  fresh,
  idsOf,
  madeAnswer,
  madeEntries,
  madeEntry,
  readAll,
  writtenSince,
  type ConformanceCase,
} from './log-under-test.ts'

const idOf = (record: { readonly value: Uint8Array }): string => sha256Hex(record.value)

/** What every `EventLog` promises to one writer. Adapters run these, and the concurrent cases, and the memo's. */
export const logConformance: readonly ConformanceCase[] = [
  {
    promise: 'answers each entry in its order, and holds every record once it has answered',
    holds: async ({ log }) => {
      const ends = await endsOf(log)
      const entries = Array.from({ length: 40 }, (_, i) => madeEntry(fresh('order'), i).entry)
      const answers = await log.append(entries, [])
      deepEqual(
        answers,
        idsOf(entries).map((id): Answer => ({ id, appended: true, diverged: false })),
      )
      const written = await writtenSince(log, ends)
      deepEqual(written.map(idOf).toSorted(), idsOf(entries).toSorted())
    },
  },
  {
    promise: 'puts a record where its key says, at gapless offsets, keys in the order of their entries',
    holds: async ({ log }) => {
      const ends = await endsOf(log)
      const subject = fresh('key')
      const entries = madeEntries(subject, 30)
      await log.append(entries, [])
      const partition = partitionOf(subject, log.partitions)
      const from = ends.get(partition)!
      const records = await readAll(log, partition, from)
      deepEqual(records.map(idOf), idsOf(entries))
      deepEqual(
        records.map((record) => record.offset),
        entries.map((_, index) => from + index),
      )
      for (const record of records) {
        equal(record.partition, partition)
        equal(record.topic, log.topic)
        equal(record.key, subject)
      }
      const sizes = await log.sizes()
      equal(sizes.find((size) => size.partition === partition)?.next, from + 30)
      deepEqual(
        sizes.map((size) => size.partition),
        Array.from({ length: log.partitions }, (_, index) => index),
      )
    },
  },
  {
    promise: 'keeps value, key and headers to the byte, whatever stands in them',
    holds: async ({ log }) => {
      const hostile = [
        'nul \u0000 in the middle',
        'escape \u001B[2J \u009B6n \u001B]52;c;aGk=\u0007',
        'bidi \u202E and zero width \u200B\uFEFF',
        'emoji 🏛️ 👩‍👩‍👧, a\u0301, \\u0000, {"json":"[\'quotes\'"]}',
        'newline \r\n tab \t delete \u007F',
        'ÿþ \uFFFD \uFFFF',
      ]
      for (const text of hostile) {
        const subject = `${fresh('hostile')} ${text}`
        const { recorded } = madeEntry(subject, 0).entry
        const meta = { [`ce_${text}`]: text, empty: '', ['__proto__x']: 'y' }
        const partition = partitionOf(subject, log.partitions)
        const from = (await endsOf(log)).get(partition)!
        await log.append([{ recorded, meta }], [])
        const [record] = await log.read(partition, from, 1)
        equal(record?.key, subject)
        deepEqual(Buffer.from(record.value), Buffer.from(recorded.bytes))
        deepEqual({ ...record.headers }, meta)
      }
    },
  },
  {
    promise: 'writes an id once, however often it is offered, and keeps its first headers',
    holds: async ({ log }) => {
      const entries = madeEntries(fresh('again'), 5)
      await log.append(entries, [])
      const ends = await endsOf(log)
      const later = entries.map(({ recorded }) => ({ recorded, meta: { attempt: '2' } }))
      deepEqual(
        await log.append(later, []),
        idsOf(entries).map((id): Answer => ({ id, appended: false, diverged: false })),
      )
      deepEqual(await writtenSince(log, ends), [])
    },
  },
  {
    promise: 'writes what a batch repeats once, and says so',
    holds: async ({ log }) => {
      const ends = await endsOf(log)
      const [a, b] = madeEntries(fresh('twice'), 2)
      const answers = await log.append([a!, b!, a!, a!, b!], [])
      deepEqual(
        answers.map((answer) => answer.appended),
        [true, true, false, false, false],
      )
      deepEqual(
        answers.map((answer) => answer.id),
        idsOf([a!, b!, a!, a!, b!]),
      )
      equal((await writtenSince(log, ends)).length, 2)
    },
  },
  {
    promise: 'keeps a second answer to a recipe, and answers with the first',
    holds: async ({ log }) => {
      const subject = fresh('diverged')
      const [first, second] = [madeAnswer(subject, 1), madeAnswer(subject, 2)]
      equal(first.recorded.recipe, second.recorded.recipe)
      await log.append([first], [])
      const ends = await endsOf(log)
      const answer = { id: first.recorded.id, diverged: true }
      deepEqual(await log.append([second], []), [{ ...answer, appended: true }])
      deepEqual((await writtenSince(log, ends)).map(idOf), [second.recorded.id])
      deepEqual(await log.append([second], []), [{ ...answer, appended: false }])
      deepEqual(await log.append([first], []), [{ id: first.recorded.id, appended: false, diverged: false }])
      equal((await writtenSince(log, ends)).length, 1)
    },
  },
  {
    promise: 'finds answers that diverge inside one batch: the first of them holds',
    holds: async ({ log }) => {
      const subject = fresh('diverged at once')
      const offered = [3, 1, 3, 2].map((rows) => madeAnswer(subject, rows))
      const id = offered[0]!.recorded.id
      deepEqual(await log.append(offered, []), [
        { id, appended: true, diverged: false },
        { id, appended: true, diverged: true },
        { id, appended: false, diverged: false },
        { id, appended: true, diverged: true },
      ])
    },
  },
  {
    promise:
      'refuses an event that is too large, or whose bytes are not its id’s, and writes nothing of that batch',
    holds: async ({ log }) => {
      const ends = await endsOf(log)
      const [good, bad] = madeEntries(fresh('refused'), 2)
      const tampered = Buffer.from(bad!.recorded.bytes)
      tampered[tampered.length - 2]! ^= 1
      const large = new Uint8Array(maxValueBytes + 1)
      const wrong = [
        { ...bad!.recorded, bytes: tampered },
        { ...bad!.recorded, bytes: large, id: sha256Hex(large) },
      ]
      for (const recorded of wrong)
        await rejects(log.append([good!, { recorded, meta: {} }], []), InvalidEvent)
      const { text } = madeEntry(fresh('text'), 0)
      await rejects(log.append([good!], [{ ...text, text: 'another text' }]), InvalidEvent)
      deepEqual(await writtenSince(log, ends), [])
    },
  },
  {
    promise: 'takes an empty batch, and texts without events',
    holds: async ({ log, memo }) => {
      deepEqual(await log.append([], []), [])
      const { text } = madeEntry(fresh('alone'), 0)
      deepEqual(await log.append([], [text]), [])
      deepEqual(await memo.texts([text.ref.digest]), [text.text])
    },
  },
  {
    promise: 'takes a batch of thousands at once',
    holds: async ({ log }) => {
      const ends = await endsOf(log)
      const subjects = Array.from({ length: 10 }, () => fresh('many'))
      const made = Array.from({ length: 5_000 }, (_, i) => madeEntry(subjects[i % 10]!, i))
      const answers = await log.append(
        made.map(({ entry }) => entry),
        made.map(({ text }) => text),
      )
      ok(answers.every((answer) => answer.appended))
      const written = await writtenSince(log, ends)
      deepEqual(new Set(written.map(idOf)), new Set(answers.map((answer) => answer.id)))
      equal(written.length, 5_000)
    },
  },
  {
    promise: 'reads in pages of any size, ascending, and nothing beyond the end',
    holds: async ({ log }) => {
      const subject = fresh('page')
      await log.append(madeEntries(subject, 11), [])
      const partition = partitionOf(subject, log.partitions)
      const whole = await readAll(log, partition, 0, 10_000)
      deepEqual(await readAll(log, partition, 0, 3), whole)
      deepEqual(
        whole.map((record) => record.offset),
        whole.map((_, index) => index),
      )
      deepEqual(await log.read(partition, whole.length, 10), [])
      deepEqual(await log.read(partition, whole.length + 1_000, 10), [])
      equal((await log.read(partition, whole.length - 2, 10)).length, 2)
    },
  },
]
