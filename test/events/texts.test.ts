import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import type { Json } from '../../events/event.ts'
import { isTextOf, maxTextBytes, numFrom, numOf, textRef } from '../../events/texts.ts'

const anyText = fc.string({ unit: 'binary' })

describe('a text', () => {
  it('is named by the sha-256 of its UTF-8 and its length in bytes', () => {
    expect(textRef('é😀')).toEqual({ scheme: 'sha256', digest: sha256Hex(Buffer.from('é😀')), bytes: 6 })
    expect(textRef('')).toEqual({ scheme: 'sha256', digest: sha256Hex(''), bytes: 0 })
  })

  it('that was cut in the middle of an emoji is named as it is stored', () => {
    const cut = 'ok \ud83d'
    expect(textRef(cut)).toEqual(textRef(cut.toWellFormed()))
    expect(textRef(cut)).toEqual(textRef(Buffer.from(cut).toString()))
  })

  it('of a personal dataset is keyed with the salt of its row', () => {
    const salt = Buffer.from('01'.repeat(32), 'hex')
    const { scheme, digest, bytes } = textRef('my name', salt)
    expect(scheme).toBe('hmac-sha256')
    expect(digest).toBe(createHmac('sha256', salt).update('my name').digest('hex'))
    expect(bytes).toBe(7)
    expect(textRef('my name', Buffer.alloc(32)).digest).not.toBe(digest)
  })

  it('is recognised by its reference, and no other is', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.option(fc.uint8Array({ minLength: 16 }), { nil: undefined }),
        (one, other, salt) => {
          expect(isTextOf(textRef(one, salt), one, salt)).toBe(true)
          if (one !== other) expect(isTextOf(textRef(one, salt), other, salt)).toBe(false)
        },
      ),
    )
    expect(isTextOf(textRef('a', Buffer.alloc(32)), 'a')).toBe(false)
  })

  it('larger than a record may hold is refused with the limit', () => {
    expect(textRef('a'.repeat(maxTextBytes)).bytes).toBe(maxTextBytes)
    expect(() => textRef('é'.repeat(maxTextBytes / 2 + 1))).toThrow(`${maxTextBytes} bytes`)
  })
})

describe('a number', () => {
  it('comes back as it was, but for −0', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(numFrom(numOf(value))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('that JSON has none for is written as $num', () => {
    expect(numOf(Number.NaN)).toEqual({ $num: 'NaN' })
    expect(numOf(Number.POSITIVE_INFINITY)).toEqual({ $num: 'Infinity' })
    expect(numOf(Number.NEGATIVE_INFINITY)).toEqual({ $num: '-Infinity' })
    expect(Object.is(numOf(-0), 0)).toBe(true)
  })

  it.each<Json | undefined>([
    undefined,
    null,
    '1',
    [],
    {},
    { $num: 'one' },
    { $num: 1 },
    { $num: 'toString' },
  ])('is not %j', (json) => {
    expect(() => numFrom(json)).toThrow('stands where a number should')
  })
})
