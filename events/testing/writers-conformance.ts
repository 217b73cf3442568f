import { deepEqual, equal, ok } from 'node:assert/strict'
import { sha256Hex } from '../canonical.ts'
import {
  endsOf,
  fresh,
  madeAnswer,
  madeEntry,
  readAll,
  writtenSince,
  type ConformanceCase,
} from './log-under-test.ts'

const writers = 4

/** What an `EventLog` promises when several processes write to it at once. */
export const writersConformance: readonly ConformanceCase[] = [
  {
    promise:
      'writes each event once where writers offer the same ones at once, in any order and with the same texts',
    holds: async ({ log, again }) => {
      const ends = await endsOf(log)
      const subjects = Array.from({ length: 12 }, () => fresh('race'))
      const made = Array.from({ length: 240 }, (_, i) => madeEntry(subjects[i % 12]!, i))
      const logs = await Promise.all(Array.from({ length: writers }, async () => (await again()).log))
      const answers = await Promise.all(
        logs.map(async (one, writer) => {
          const own = writer % 2 === 0 ? made : made.toReversed()
          const pieces = []
          for (let at = 0; at < own.length; at += 40) {
            const piece = own.slice(at, at + 40)
            pieces.push(
              await one.append(
                piece.map(({ entry }) => entry),
                piece.map(({ text }) => text),
              ),
            )
          }
          return pieces.flat()
        }),
      )
      const written = await writtenSince(log, ends)
      const ids = written.map((record) => sha256Hex(record.value))
      equal(ids.length, made.length)
      deepEqual(new Set(ids), new Set(made.map(({ entry }) => entry.recorded.id)))
      const appended = answers.flat().filter((answer) => answer.appended)
      equal(appended.length, made.length)
      for (const [partition, from] of ends)
        deepEqual(
          written.filter((record) => record.partition === partition).map((record) => record.offset),
          written.filter((record) => record.partition === partition).map((_, index) => from + index),
        )
    },
  },
  {
    promise: 'gives all writers the same answer to a recipe that they answer differently at once',
    holds: async ({ log, memo, again }) => {
      const ends = await endsOf(log)
      const subjects = Array.from({ length: 20 }, () => fresh('contested'))
      const logs = await Promise.all(Array.from({ length: writers }, async () => (await again()).log))
      const answers = await Promise.all(
        logs.map((one, writer) =>
          one.append(
            subjects.map((subject) => madeAnswer(subject, writer)),
            [],
          ),
        ),
      )
      for (const [index, subject] of subjects.entries()) {
        const ids = new Set(answers.map((list) => list[index]!.id))
        equal(ids.size, 1)
        const [known] = await memo.answers([madeAnswer(subject, 0).recorded.recipe])
        ok(known !== undefined && ids.has(known.id))
      }
      equal((await writtenSince(log, ends)).length, writers * subjects.length)
    },
  },
  {
    promise: 'never shows a gap, and never changes what it has shown, while writers write',
    holds: async ({ log, again }) => {
      const partition = 0
      const subjects = Array.from({ length: 24 }, () => fresh('gapless'))
      const logs = await Promise.all(Array.from({ length: writers }, async () => (await again()).log))
      const state = { writing: true }
      const work = Promise.all(
        logs.map(async (one, writer) => {
          for (let i = 0; i < 15; i++)
            await one.append(
              subjects.map((subject) => madeEntry(subject, writer * 1_000 + i).entry),
              [],
            )
        }),
      ).finally(() => {
        state.writing = false
      })
      const shown: string[] = []
      while (state.writing) {
        const records = await readAll(log, partition)
        deepEqual(
          records.map((record) => record.offset),
          records.map((_, index) => index),
        )
        const ids = records.map((record) => sha256Hex(record.value))
        deepEqual(ids.slice(0, shown.length), shown)
        shown.splice(0, shown.length, ...ids)
      }
      await work
    },
  },
  {
    promise: 'answers many small appends of one process at once, each with its own',
    holds: async ({ log }) => {
      const subject = fresh('small')
      const made = Array.from({ length: 200 }, (_, i) => madeEntry(subject, i % 150))
      const answers = await Promise.all(made.map(({ entry, text }) => log.append([entry], [text])))
      deepEqual(
        answers.map(([answer]) => answer?.id),
        made.map(({ entry }) => entry.recorded.id),
      )
      equal(answers.flat().filter((answer) => answer.appended).length, 150)
    },
  },
]
