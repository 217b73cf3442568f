import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { HansardError } from '../../../events/errors.ts'
import type { Answered } from '../../../plugins/api.ts'
import { boundAnswers } from '../../../plugins/bound/answers.ts'
import { PluginMisbehaved } from '../../../plugins/errors.ts'

type Answer = { readonly n: number }
const shape = z.object({ n: z.number() })
const watch = { plugin: 'fixture', method: 'answer', patienceMs: 100 }
const never = new AbortController().signal

async function* giving(...answers: unknown[]): AsyncGenerator<Answered<Answer>> {
  for (const answer of answers) yield answer as Answered<Answer>
}

const collect = async (
  count: number,
  put: (signal: AbortSignal) => AsyncIterable<Answered<Answer>>,
  signal = never,
): Promise<{ got: Answered<Answer>[]; error: unknown }> => {
  const got: Answered<Answer>[] = []
  try {
    for await (const answer of boundAnswers(watch, count, shape, put, signal)) got.push(answer)
  } catch (error) {
    return { got, error }
  }
  return { got, error: undefined }
}

test('answers come through in any order, failures and metadata with them, unknown fields dropped', async () => {
  const { got, error } = await collect(3, () =>
    giving(
      { index: 2, answer: { n: 2, more: true } },
      { index: 0, answer: { failed: 'empty', text: undefined }, meta: { latency: '3' } },
      { index: 1, answer: { failed: 'looping', text: 'a a a' } },
    ),
  )
  expect(error).toBeUndefined()
  expect(got).toEqual([
    { index: 2, answer: { n: 2 } },
    { index: 0, answer: { failed: 'empty' }, meta: { latency: '3' } },
    { index: 1, answer: { failed: 'looping', text: 'a a a' } },
  ])
})

test('nothing is asked where there is no request', async () => {
  const { got, error } = await collect(0, () => {
    throw new Error('asked')
  })
  expect([got, error]).toEqual([[], undefined])
})

describe('a plugin is refused by name, and nothing wrong comes through, when it', () => {
  test.each<[string, number, unknown[], number, RegExp]>([
    [
      'answers too much',
      1,
      [
        { index: 0, answer: { n: 1 } },
        { index: 1, answer: { n: 1 } },
      ],
      1,
      /answered request 1 of 1/,
    ],
    [
      'answers twice',
      2,
      [
        { index: 1, answer: { n: 1 } },
        { index: 1, answer: { n: 2 } },
      ],
      1,
      /request 1 twice/,
    ],
    [
      'answers too little',
      3,
      [{ index: 1, answer: { n: 1 } }],
      1,
      /2 of 3 requests unanswered, the first is 0/,
    ],
    [
      'writes over a header of hansard’s own',
      1,
      [{ index: 0, answer: { n: 1 }, meta: { ce_run: 'another' } }],
      0,
      /no answer: meta.ce_run/,
    ],
    ['answers nobody', 1, [{ answer: { n: 1 } }], 0, /no answer: index/],
    ['answers request −1', 1, [{ index: -1, answer: { n: 1 } }], 0, /no answer: index/],
    ['answers something else', 1, [{ index: 0, answer: { n: 'one' } }], 0, /request 0 is none: n: /],
    ['answers null', 1, [{ index: 0, answer: null }], 0, /request 0 is none/],
    ['invents a failure', 1, [{ index: 0, answer: { failed: 'tired' } }], 0, /request 0 is none: failed: /],
    ['yields a text', 1, ['hello'], 0, /no answer/],
    [
      'writes a megabyte',
      1,
      [{ index: 0, answer: { failed: 'looping', text: 'x'.repeat(1_000_001) } }],
      0,
      /more than 1000000 bytes/,
    ],
  ])('%s', async (_, count, answers, through, message) => {
    const { got, error } = await collect(count, () => giving(...answers))
    expect(error).toBeInstanceOf(PluginMisbehaved)
    expect((error as Error).message).toMatch(/plugin “fixture” misbehaved: answer: /)
    expect((error as Error).message).toMatch(message)
    expect(got).toHaveLength(through)
  })

  test('throws: its words cannot drive a terminal', async () => {
    const { error } = await collect(1, () => {
      throw new Error('boom \u001b[2J')
    })
    expect(error).toBeInstanceOf(PluginMisbehaved)
    expect((error as Error).message).toBe('plugin “fixture” misbehaved: answer threw: boom \\u{1b}[2J')
  })

  test('throws after some answers', async () => {
    const { got, error } = await collect(2, async function* () {
      yield { index: 0, answer: { n: 1 } }
      throw new TypeError('later')
    })
    expect(got).toHaveLength(1)
    expect((error as Error).message).toMatch(/threw: later/)
  })

  test('hangs, even where it ignores its signal', async () => {
    const { got, error } = await collect(2, async function* () {
      yield { index: 0, answer: { n: 1 } }
      await new Promise(() => {})
    })
    expect(got).toHaveLength(1)
    expect((error as Error).message).toMatch(/gave nothing for 0.1 s/)
  })
})

test('a HansardError of its own comes through as it is', async () => {
  const own = new HansardError('key_missing', 'no key', { exit: 2 })
  const { error } = await collect(1, () => {
    throw own
  })
  expect(error).toBe(own)
})

test('the clock does not run while the host works on an answer', async () => {
  const got = []
  const put = () => giving({ index: 0, answer: { n: 0 } }, { index: 1, answer: { n: 1 } })
  for await (const answer of boundAnswers(watch, 2, shape, put, never)) {
    await sleep(200)
    got.push(answer)
  }
  expect(got).toHaveLength(2)
})

test('an abort ends the waiting at once, reaches the plugin, and is no misbehaviour', async () => {
  const stop = new AbortController()
  let seen: AbortSignal | undefined
  const { got, error } = await collect(
    2,
    async function* (signal) {
      seen = signal
      yield { index: 0, answer: { n: 1 } }
      stop.abort()
      await new Promise(() => {})
    },
    stop.signal,
  )
  expect(got).toHaveLength(1)
  expect(error).toMatchObject({ name: 'AbortError' })
  expect(seen?.aborted).toBe(true)
})

test('a host that stops listening aborts the plugin', async () => {
  let seen: AbortSignal | undefined
  const put = (signal: AbortSignal) => {
    seen = signal
    return giving({ index: 0, answer: { n: 0 } }, { index: 1, answer: { n: 1 } })
  }
  for await (const _ of boundAnswers(watch, 2, shape, put, never)) break
  expect(seen?.aborted).toBe(true)
})
