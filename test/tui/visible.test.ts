import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { quoted, visible, visibleLines } from '../../tui/visible.ts'
import { hostileTexts } from './hostile-texts.ts'

/** What a terminal obeys, or what hides or reorders letters. Emoji may hold joiners and selectors. */
const obeyed = /[\p{Control}\p{Surrogate}\u2028\u2029]/v
const hidden = /[\p{Format}\p{Default_Ignorable_Code_Point}]/v

const withoutEmoji = (text: string): string => text.replace(/\p{RGI_Emoji}/gv, '')

describe('text from outside', () => {
  test.each(hostileTexts)('$name reaches no terminal', ({ text }) => {
    for (const shown of [visible(text), quoted(text), ...visibleLines(text)]) {
      expect(shown).not.toMatch(obeyed)
      expect(withoutEmoji(shown)).not.toMatch(hidden)
    }
  })

  test('whatever it is, reaches no terminal', () => {
    const any = fc.string({ unit: 'binary' }).map((text) => `${text}\u001b[`)
    const units = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((codes) => codes.map((code) => String.fromCharCode(code)).join(''))
    fc.assert(
      fc.property(fc.oneof(any, units), (text) => {
        expect(visible(text)).not.toMatch(obeyed)
        expect(withoutEmoji(visible(text))).not.toMatch(hidden)
      }),
    )
  })

  test('is left as it is where it holds nothing of that kind', () => {
    for (const text of ['plain words.', 'naïve façade', '日本語', 'שלום', '👩‍👩‍👧 🏳️‍🌈 ❤️', 'ñ', 'किताब'])
      expect(visible(text)).toBe(text)
  })

  test('shows each hidden character by a sign of its own', () => {
    expect(visible('a\u001b[2Jb')).toBe('a␛[2Jb')
    expect(visible('a\u009b2Jb')).toBe('a⟨U+009B⟩2Jb')
    expect(visible('a\u202eb')).toBe('a⟨U+202E⟩b')
    expect(visible('a\u200bb')).toBe('a⟨U+200B⟩b')
    expect(visible('a\nb\rc\td\u0007\u007f')).toBe('a⏎b␍c␉d␇␡')
    expect(visible('\ud83d')).toBe('⟨U+D83D⟩')
  })

  test('cannot pile marks over the lines around it, nor put one on our own quotation mark', () => {
    expect(visible(`z${'\u0335'.repeat(6)}`)).toBe(`z${'\u0335'.repeat(4)}⟨U+0335⟩⟨U+0335⟩`)
    expect(quoted('\u0301x')).toBe('"⟨U+0301⟩x"')
  })

  test('takes the columns that a width function counts: one each for control characters', () => {
    expect(stringWidth(visible('\u001b\u0007\b\r\n\u007f'))).toBe(6)
  })

  test('breaks into lines only at line feeds', () => {
    expect(visibleLines('a\r\nb\nc\rd\u2028e')).toEqual(['a', 'b', 'c␍d⟨U+2028⟩e'])
    expect(visibleLines('\tx')).toEqual(['  x'])
  })
})
