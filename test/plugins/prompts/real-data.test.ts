import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PromptRow } from '../../../plugins/api.ts'
import { fileSource } from '../../../plugins/prompts/file-source.ts'
import type { RowFormat } from '../../../plugins/prompts/row-formats.ts'

const data = process.env['HANSARD_TEST_DATA']
const read = async (file: string, format: RowFormat) => {
  const source = fileSource(join(data ?? '', file), { format }, () => {})
  const rows: PromptRow[] = []
  for await (const row of source.rows(new AbortController().signal)) rows.push(row)
  return { rows, leftOut: source.leftOut?.() }
}

describe.skipIf(data === undefined)('real data (needs HANSARD_TEST_DATA)', () => {
  test('hh-rlhf: human red-team dialogues become prompts with two answers', async () => {
    const { rows, leftOut } = await read('hh-harmless.jsonl.gz', 'hh-rlhf')
    expect(leftOut).toEqual({
      'the two dialogues differ before the last turn': 3,
      'a last answer is empty': 4,
    })
    expect(rows).toHaveLength(1533 - 7)
    expect(rows.every(({ turns }) => turns[0]?.role === 'user' && turns.at(-1)?.role === 'user')).toBe(true)
    expect(rows.filter(({ turns }) => turns.length > 1).length).toBeGreaterThan(1_000)
    expect(rows.every(({ chosen, rejected }) => chosen !== undefined && rejected !== undefined)).toBe(true)
  })

  test('HHH: every item has a right and a wrong answer', async () => {
    const { rows, leftOut } = await read('hhh-evaluations.jsonl.gz', 'hhh')
    expect(leftOut).toEqual({})
    expect(rows).toHaveLength(219)
    expect(rows.every(({ chosen, rejected }) => chosen !== undefined && chosen !== rejected)).toBe(true)
  })
})
