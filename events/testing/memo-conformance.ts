import { deepEqual, equal, rejects } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { sha256Hex } from '../canonical.ts'
import { TextTooLarge } from '../errors.ts'
import type { TextRecord } from '../log.ts'
import { partitionOf } from '../partition.ts'
import { maxTextBytes, textRef } from '../texts.ts'
import {
  endsOf,
  fresh,
  idsOf,
  madeAnswer,
  madeEntries,
  madeEntry,
  type ConformanceCase,
} from './log-under-test.ts'

const nowhere = 'e'.repeat(64)

/** What every `Memo` promises beside its log. */
export const memoConformance: readonly ConformanceCase[] = [
  {
    promise: 'finds an answer, an event, its place and its text as soon as the append has answered',
    holds: async ({ log, again }) => {
      const { memo } = await again()
      const subject = fresh('at once')
      const partition = partitionOf(subject, log.partitions)
      const offset = (await endsOf(log)).get(partition)!
      const { entry, text } = madeEntry(subject, 0)
      const { id, recipe, event, bytes } = entry.recorded
      await log.append([entry], [text])
      const [answer] = await memo.answers([recipe])
      equal(answer?.id, id)
      equal(answer.recipe, recipe)
      deepEqual(answer.event, event)
      deepEqual(Buffer.from(answer.bytes), Buffer.from(bytes))
      deepEqual(await memo.events([id]), [answer])
      deepEqual(await memo.positions([id]), [{ partition, offset }])
      deepEqual(await memo.texts([text.ref.digest]), [text.text])
    },
  },
  {
    promise:
      'keeps the order of what it is asked, repeats what is asked twice, and leaves holes where nothing is known',
    holds: async ({ log, memo }) => {
      const entries = madeEntries(fresh('holes'), 3)
      await log.append(entries, [])
      const [a, b, c] = idsOf(entries)
      deepEqual(
        (await memo.events([c!, nowhere, a!, a!, b!])).map((found) => found?.id),
        [c, undefined, a, a, b],
      )
      const recipes = entries.map((entry) => entry.recorded.recipe)
      deepEqual(
        (await memo.answers([nowhere, recipes[2]!, recipes[0]!])).map((found) => found?.id),
        [undefined, c, a],
      )
      deepEqual(
        (await memo.positions([nowhere, a!])).map((found) => found === undefined),
        [true, false],
      )
      deepEqual(await memo.texts([nowhere]), [undefined])
      for (const none of [memo.answers([]), memo.events([]), memo.positions([]), memo.texts([])])
        deepEqual(await none, [])
    },
  },
  {
    promise: 'looks thousands up at once',
    holds: async ({ log, memo }) => {
      const entries = madeEntries(fresh('thousands'), 6_000)
      await log.append(entries, [])
      const asked = idsOf(entries).flatMap((id, index) => (index % 3 === 0 ? [id, sha256Hex(id)] : [id]))
      const known = new Set(idsOf(entries))
      deepEqual(
        (await memo.events(asked)).map((found) => found?.id),
        asked.map((id) => (known.has(id) ? id : undefined)),
      )
    },
  },
  {
    promise: 'knows every event of a diverged recipe, and answers with the first',
    holds: async ({ log, memo }) => {
      const subject = fresh('diverged')
      const [first, second] = [madeAnswer(subject, 1), madeAnswer(subject, 2)]
      await log.append([first], [])
      await log.append([second], [])
      deepEqual(
        (await memo.answers([first.recorded.recipe])).map((found) => found?.id),
        [first.recorded.id],
      )
      deepEqual(
        (await memo.events(idsOf([second, first]))).map((found) => found?.id),
        idsOf([second, first]),
      )
    },
  },
  {
    promise: 'keeps every text to the character, once',
    holds: async ({ log, memo }) => {
      const bodies = [
        '',
        '\u0000',
        'nul \u0000\u0000 between',
        'escape \u001B[31m \u009B \u001B]8;;x\u0007',
        '🏛️ e\u0301 \u202E \uFEFF \uFFFF',
        '\uFEFFa byte order mark in front',
        'x'.repeat(300_000),
        fresh('text'),
      ]
      const texts = bodies.map((text): TextRecord => ({ ref: textRef(text), text }))
      await log.append([], texts)
      await log.append([], texts.toReversed())
      deepEqual(await memo.texts(texts.map((text) => text.ref.digest)), bodies)
    },
  },
  {
    promise: 'takes a text as large as a text may be, and refuses a larger one with all that comes with it',
    holds: async ({ log, memo }) => {
      const largest = fresh('large').padEnd(maxTextBytes, 'x')
      const ref = textRef(largest)
      await log.append([], [{ ref, text: largest }])
      deepEqual(await memo.texts([ref.digest]), [largest])
      const text = `${largest}x`
      const larger = { ref: { ...ref, digest: sha256Hex(text), bytes: text.length }, text }
      const { entry } = madeEntry(fresh('with a larger'), 0)
      await rejects(log.append([entry], [larger]), TextTooLarge)
      deepEqual(await memo.events([entry.recorded.id]), [undefined])
    },
  },
  {
    promise: 'keeps a text that ends in half an emoji as its UTF-8 bytes, which are what its digest covers',
    holds: async ({ log, memo }) => {
      const cut = `${fresh('cut')} 🏛`.slice(0, -1)
      const ref = textRef(cut)
      await log.append([], [{ ref, text: cut }])
      const [text] = await memo.texts([ref.digest])
      equal(text, cut.toWellFormed())
      equal(sha256Hex(text), ref.digest)
    },
  },
  {
    promise: 'keeps a text under a keyed digest, which says nothing about it to those without the key',
    holds: async ({ log, memo }) => {
      const text = fresh('personal')
      const salt = Buffer.alloc(32, 7)
      const ref = textRef(text, salt)
      equal(ref.digest, createHmac('sha256', salt).update(text).digest('hex'))
      await log.append([], [{ ref, text }])
      deepEqual(await memo.texts([ref.digest, sha256Hex(text)]), [text, undefined])
    },
  },
  {
    promise: 'completes an id from any number of its first digits',
    holds: async ({ log, memo }) => {
      const entries = madeEntries(fresh('prefix'), 50)
      await log.append(entries, [])
      const all = await memo.idsWithPrefix('', 1_000_000)
      deepEqual(all, all.toSorted())
      for (const digits of [1, 2, 5, 8, 63, 64]) {
        const prefix = entries[0]!.recorded.id.slice(0, digits)
        const expected: readonly string[] = all.filter((id) => id.startsWith(prefix))
        deepEqual(await memo.idsWithPrefix(prefix, 1_000_000), expected)
        deepEqual(await memo.idsWithPrefix(prefix, 1), expected.slice(0, 1))
      }
      for (const none of ['xyz', 'A', `${nowhere}e`, "'; drop table", '%'])
        deepEqual(await memo.idsWithPrefix(none, 10), [])
    },
  },
]
