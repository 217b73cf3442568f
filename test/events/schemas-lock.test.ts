import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { vocabulary } from '../../events/vocabulary.ts'
import type { EventType } from '../../events/vocabulary/define.ts'
import { broken, lockOf, readLock } from '../../tools/schemas-lock.ts'

const said: EventType = {
  type: 'fixture.said',
  v: 1,
  sealed: true,
  meaning: 'A fixture.',
  params: z.strictObject({ description: z.string().describe('a field that is called so') }),
  parents: { prompt: 'one' },
  seeded: false,
  out: z.strictObject({ words: z.string().max(10) }),
  failed: z.strictObject({}),
}

describe('the lock of released types', () => {
  const locked = Object.entries(readLock())
  const now = lockOf(vocabulary)

  it('names every type of the vocabulary, and none that is gone', () => {
    expect(locked.map(([name]) => name)).toEqual(Object.keys(now))
  })

  it.each(locked)('%s asks for what it asked for when it was locked', (name, entry) => {
    expect(now[name]).toEqual(entry)
  })

  it.each([
    ['a parameter more', { ...said, params: z.strictObject({ description: z.string(), more: z.string() }) }],
    ['a parameter less', { ...said, params: z.strictObject({}) }],
    ['a looser limit', { ...said, out: z.strictObject({ words: z.string().max(11) }) }],
    [
      'an optional field',
      { ...said, out: z.strictObject({ words: z.string().max(10), also: z.string().optional() }) },
    ],
    ['another role', { ...said, parents: { prompt: 'many' } }],
    ['a seed', { ...said, seeded: true }],
    ['no failure', { ...said, failed: undefined }],
    ['no seal', { ...said, sealed: false }],
  ])('notices %s', (_name, changed) => {
    expect(broken(lockOf([said]), lockOf([changed as EventType]))).toEqual(['fixture.said 1'])
  })

  it('notices a type that is gone, and allows new ones and better words', () => {
    expect(broken(lockOf([said]), {})).toEqual(['fixture.said 1'])
    const reworded = {
      ...said,
      meaning: 'A better sentence.',
      params: z.strictObject({ description: z.string().describe('better words') }),
    }
    expect(broken(lockOf([said]), lockOf([reworded, { ...said, v: 2, params: z.strictObject({}) }]))).toEqual(
      [],
    )
  })
})
