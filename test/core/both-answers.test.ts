import { describe, expect, test } from 'vitest'
import { bothAnswers } from '../../core/stages/both-answers.ts'
import type { NamedSource } from '../../core/cast.ts'

const named = { name: 'people.jsonl' } as NamedSource
const turns = [{ role: 'user' as const, content: 'how do i bake bread' }]

describe('the answers of a comparison', () => {
  test('are the chosen one and the other, in the order of the rows', () => {
    const rows = [
      { turns, chosen: 'with flour', rejected: 'no' },
      { turns, chosen: '', rejected: 'with nails' },
    ]
    expect(bothAnswers(named, rows)).toEqual([
      ['with flour', 'no'],
      ['', 'with nails'],
    ])
  })

  test('are asked for by file and row where one is missing, and never made up', () => {
    const rows = [
      { turns, chosen: 'with flour', rejected: 'no', row: 4 },
      { turns, chosen: 'with flour', row: 7 },
    ]
    expect(() => bothAnswers(named, rows)).toThrow(/people\.jsonl, row 7: .*not both/)
  })
})
