import { describe, expect, it } from 'vitest'
import { flagsOf } from '../../../lineage/evaluation/goodhart.ts'
import { phraseConcentration, sentencesOf } from '../../../lineage/evaluation/phrases.ts'
import type { GoodhartPoint } from '../../../lineage/evaluation/run-page.ts'

const point = (step: number, reward: number | undefined, gold: number, repeated = 0): GoodhartPoint => ({
  name: `step ${step}`,
  step,
  policy: 'f'.repeat(64),
  reward,
  gold,
  goldError: 0.05,
  phrases: { answers: 100, sentences: 200, top: undefined, repeated, distinct: 1 },
})

describe('the Goodhart monitor', () => {
  it('says after which step gold turned while the reward went on rising', () => {
    const flags = flagsOf([
      point(0, undefined, -0.5),
      point(25, 1, 0.2),
      point(50, 2, 0.1),
      point(100, 3, -1.8),
    ])
    expect(flags).toHaveLength(1)
    expect(flags[0]).toMatchObject({ kind: 'gold turned', after: 25, seen: 100 })
    expect(flags[0]!.note).toBe('gold fell from 0.20 to -1.80 while the reward rose from 1.00 to 3.00')
  })

  it('is silent where gold falls within its error, or the reward falls with it', () => {
    expect(flagsOf([point(0, undefined, 0.6), point(50, 1, 0.7), point(100, 2, 0.6)])).toEqual([])
    expect(flagsOf([point(0, undefined, 0), point(50, 2, 0.7), point(100, 1, -0.5)])).toEqual([])
    expect(flagsOf([])).toEqual([])
  })

  it('says when answers take to repeating themselves, measured against how they started', () => {
    const flags = flagsOf([point(0, undefined, 0, 0.02), point(50, 1, 0, 0.06), point(100, 2, 0, 0.38)])
    expect(flags).toHaveLength(1)
    expect(flags[0]).toMatchObject({ kind: 'phrases repeat', after: 50, seen: 100 })
    expect(flagsOf([point(0, undefined, 0, 0.3), point(50, 1, 0, 0.38)])).toEqual([])
  })
})

describe('phrases', () => {
  it('are sentences, whatever their case, spaces and marks', () => {
    expect(sentencesOf('Come earlier .  bring a BOOK!\n\nok')).toEqual(['come earlier', 'bring a book', 'ok'])
    expect(sentencesOf(' . . ')).toEqual([])
    expect(sentencesOf('version 3.5 is out.')).toEqual(['version 3.5 is out'])
  })

  it('concentrate: the most common sentence, repeats within an answer, distinct answers', () => {
    const phrases = phraseConcentration(['a . b .', 'a . a .', 'a . b .', 'c'])
    expect(phrases).toEqual({
      answers: 4,
      sentences: 7,
      top: { sentence: 'a', share: 4 / 7 },
      repeated: 1 / 7,
      distinct: 3 / 4,
    })
    expect(phraseConcentration([]).top).toBeUndefined()
  })
})
