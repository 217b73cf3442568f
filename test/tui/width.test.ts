import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coloured } from '../../tui/paint.ts'
import { visible } from '../../tui/visible.ts'
import { atEnds, clip, fit, flow, width, wrap } from '../../tui/width.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.lorem({ maxCount: 30 }),
  fc.constantFrom('日本語の文章', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', coloured.bad('red words here')),
)

describe('a line', () => {
  test('never takes more columns than it is given', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 120 }), (text, columns) => {
        const shown = text.includes('\u001b') ? text : visible(text)
        expect(width(clip(shown, columns))).toBeLessThanOrEqual(columns)
        expect(width(fit(shown, columns))).toBe(columns)
        if (columns >= 8)
          for (const line of wrap(shown, columns, '    ')) expect(width(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })

  test('loses no word when it is wrapped', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 40 }), fc.integer({ min: 20, max: 80 }), (text, columns) => {
        const words = wrap(text, columns, '  ').flatMap((line) => line.trim().split(/\s+/))
        expect(words).toEqual(text.trim().split(/\s+/))
      }),
    )
  })

  test('says with … that it was cut', () => {
    expect(clip('a long line', 7)).toBe('a long…')
    expect(clip('a line', 7)).toBe('a line')
  })

  test('puts two texts at its ends, or on two lines where they do not fit', () => {
    expect(atEnds('left', 'right', 12)).toEqual(['left   right'])
    expect(atEnds('left', 'right', 10)).toEqual(['left', '     right'])
  })

  test('takes as many parts as fit', () => {
    expect(flow(['trace 7f3a', 'show b7c2', 'why 8d10'], ' · ', 24, '  ')).toEqual([
      'trace 7f3a · show b7c2',
      '  why 8d10',
    ])
  })
})
