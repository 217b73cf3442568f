import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../events/canonical.ts'
import type { PromptRow, PromptSource } from '../../../plugins/api.ts'
import { InvalidRow, UnreadableFile } from '../../../plugins/errors.ts'
import { fileSource, type FileSourceSettings } from '../../../plugins/prompts/file-source.ts'
import { fileLimits } from '../../../plugins/prompts/limits.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hansard-prompts-'))
})
afterAll(() => rm(folder, { recursive: true }))

const never = new AbortController().signal
const all = async (source: PromptSource, signal = never): Promise<PromptRow[]> => {
  const rows = []
  for await (const row of source.rows(signal)) rows.push(row)
  return rows
}

let files = 0
const notices: string[] = []
const sourceOf = async (
  content: string | Uint8Array,
  settings: FileSourceSettings,
  limits = fileLimits,
): Promise<PromptSource> => {
  const path = join(folder, `file-${files++}`)
  await writeFile(path, content)
  return fileSource(path, settings, (line) => notices.push(line), limits)
}
const rowsOf = async (...given: Parameters<typeof sourceOf>) => all(await sourceOf(...given))

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const hh = (chosen: string, rejected: string) => JSON.stringify({ chosen, rejected })

describe('plain text', () => {
  test('is a prompt a line; blank lines are passed over and rows keep their place', async () => {
    expect(await rowsOf('one\r\n\n  two  \nthree', { format: 'text' })).toEqual([
      { row: 0, turns: [user('one')] },
      { row: 2, turns: [user('  two  ')] },
      { row: 3, turns: [user('three')] },
    ])
  })

  test('stops at the limit of the run file', async () => {
    expect(await rowsOf('a\nb\nc\n', { format: 'text', limit: 2 })).toHaveLength(2)
  })
})

describe('JSON lines', () => {
  test('give a prompt as a text, as turns or as messages, and answers beside it', async () => {
    const lines = [
      { prompt: 'hi', other: 1 },
      { messages: [user('a'), assistant('b'), user('c')], group: 'honest' },
      { prompt: [user('p')], chosen: [user('p'), assistant('good')], rejected: 'bad' },
      { messages: [user('a'), assistant('b')] },
    ].map((row) => JSON.stringify(row))
    expect(await rowsOf(lines.join('\n'), { format: 'jsonl' })).toEqual([
      { row: 0, turns: [user('hi')] },
      { row: 1, turns: [user('a'), assistant('b'), user('c')], group: 'honest' },
      { row: 2, turns: [user('p')], chosen: 'good', rejected: 'bad' },
    ])
    expect(notices.at(-1)).toMatch(/1 rows left out: the last turn is not the user’s/)
  })

  test.each([
    ['{"prompt": 1}', /line 2: prompt: /],
    ['{"prompt": "a", "messages": []}', /line 2: /],
    ['{}', /line 2: a row has either `prompt` or `messages`/],
    ['{"messages": [{"role": "system", "content": "x"}]}', /line 2: messages.0.role: /],
    ['{"prompt": "a"', /line 2: it is not JSON$/],
    ['[]', /line 2: /],
  ])('%s is an error that names its line', async (line, message) => {
    const reading = rowsOf(`{"prompt": "fine"}\n${line}\n`, { format: 'jsonl' })
    await expect(reading).rejects.toBeInstanceOf(InvalidRow)
    await expect(reading).rejects.toThrow(message)
  })

  test('half a character in a text leaves the row out', async () => {
    const source = await sourceOf('{"prompt": "\\ud83d"}\n{"prompt": "\\ud83d\\ude00"}', { format: 'jsonl' })
    expect(await all(source)).toEqual([{ row: 1, turns: [user('😀')] }])
    expect(source.leftOut?.()).toEqual({ 'a text holds half a character': 1 })
  })
})

describe('hh-rlhf', () => {
  const before = '\n\nHuman: one\n\nAssistant: two: \n three\n\nHuman: four'

  test('splits a dialogue into turns and keeps every character but the space after a mark', async () => {
    const line = hh(`${before}\n\nAssistant: good `, `${before}\n\nAssistant:bad\n\nreally`)
    expect(await rowsOf(line, { format: 'hh-rlhf' })).toEqual([
      {
        row: 0,
        turns: [user('one'), assistant('two: \n three'), user('four')],
        chosen: 'good ',
        rejected: 'bad\n\nreally',
      },
    ])
  })

  test('leaves out, and counts by reason, what is no comparison of two answers', async () => {
    const lines = [
      hh(`${before}\n\nAssistant: `, `${before}\n\nAssistant: b`),
      hh(`${before}\n\nAssistant: a`, `${before}!\n\nAssistant: b`),
      hh(`${before}\n\nAssistant: a`, `${before}\n\nAssistant: c\n\nHuman: d\n\nAssistant: b`),
      hh(before, before),
      hh(`${before}\n\nAssistant: a\n\nAssistant: b`, `${before}\n\nAssistant: a\n\nAssistant: c`),
      hh(`${before}\n\nAssistant: a`, `${before}\n\nAssistant: b`),
    ]
    const source = await sourceOf(lines.join('\n'), { format: 'hh-rlhf' })
    expect((await all(source)).map(({ row }) => row)).toEqual([5])
    expect(source.leftOut?.()).toEqual({
      'a last answer is empty': 1,
      'the two dialogues differ before the last turn': 2,
      'the last turn is not an answer': 1,
      'the turn before the answer is not the user’s': 1,
    })
  })

  test('a dialogue without a mark is an error', async () => {
    await expect(rowsOf(hh('hello', 'hello'), { format: 'hh-rlhf' })).rejects.toThrow(
      /line 1: the dialogue does not begin with “Human:”/,
    )
  })
})

describe('a hostile file', () => {
  test('a gzip bomb of one line is refused by the limit of a line, without growing', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 'a'))
    await expect(rowsOf(bomb, { format: 'text' })).rejects.toThrow(
      /line 1 has more than 500000 bytes, the limit/,
    )
    expect(process.memoryUsage().rss).toBeLessThan(1.2e9)
  })

  test('a gzip bomb of many lines is refused by the limit of the whole, or of the rows', async () => {
    const bomb = gzipSync(Buffer.from('a\n'.repeat(5_000_000)))
    await expect(rowsOf(bomb, { format: 'text' }, { ...fileLimits, totalBytes: 1_000_000 })).rejects.toThrow(
      /unpacks to more than 1000000 bytes, the limit/,
    )
    await expect(rowsOf(bomb, { format: 'text' }, { ...fileLimits, rows: 10 })).rejects.toThrow(
      /more than 10 rows, the limit/,
    )
  })

  test.each([
    ['cut short', gzipSync('hello\nyou\n').subarray(0, 20), /unpacking failed/],
    ['not UTF-8', Buffer.from([0x61, 0x0a, 0xff]), /line 2 is not UTF-8/],
  ])('%s is an error', async (_, content, message) => {
    const reading = rowsOf(content, { format: 'text' })
    await expect(reading).rejects.toBeInstanceOf(UnreadableFile)
    await expect(reading).rejects.toThrow(message)
  })

  test('one that is not there, or is a folder, is an error', async () => {
    const source = (path: string) => fileSource(path, { format: 'text' }, () => {})
    await expect(all(source(join(folder, 'nothing')))).rejects.toThrow(/there is no such file/)
    await expect(all(source(folder))).rejects.toThrow(/it is no file/)
    await expect(source(join(folder, 'nothing')).digest()).rejects.toThrow(/there is no such file/)
  })

  test('one that changes while it is read is noticed', async () => {
    const path = join(folder, 'changing')
    await writeFile(path, 'a\nb\n')
    const reading = (async () => {
      for await (const row of fileSource(path, { format: 'text' }, () => {}).rows(never)) {
        if (row.row === 0) await truncate(path, 2)
      }
    })()
    await expect(reading).rejects.toThrow(/changed while it was read/)
  })
})

test('a packed file gives the rows of its plain form, under the digest of its own bytes', async () => {
  const text = 'one\ntwo\n'
  const plain = await sourceOf(text, { format: 'text' })
  const packed = await sourceOf(gzipSync(text), { format: 'text' })
  expect(await all(packed)).toEqual(await all(plain))
  expect(await plain.digest()).toBe(sha256Hex(text))
  expect(await packed.digest()).toBe(sha256Hex(gzipSync(text)))
})

test('who answers depends on the format and the limit, not on the path', async () => {
  const [a, b, c] = await Promise.all([
    sourceOf('x', { format: 'text' }),
    sourceOf('y', { format: 'text' }),
    sourceOf('x', { format: 'text', limit: 5 }),
  ])
  expect(a?.by).toEqual(b?.by)
  expect(a?.by).not.toEqual(c?.by)
})

test('reading stops when it is aborted', async () => {
  const source = await sourceOf('a\n'.repeat(100_000), { format: 'text' })
  const stop = new AbortController()
  const reading = (async () => {
    for await (const row of source.rows(stop.signal)) if (row.row === 10) stop.abort()
  })()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})
