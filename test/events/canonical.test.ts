import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalText,
  decodeCanonical,
  encodeCanonical,
  maxDepth,
  sha256Hex,
} from '../../events/canonical.ts'
import { NotCanonical, Poison } from '../../events/errors.ts'
import type { Json } from '../../events/event.ts'

const wellFormed = fc.string({ unit: 'binary' })
const key = wellFormed.filter((name) => name !== '__proto__')
const number = fc.double({ noNaN: true, noDefaultInfinity: true })
/** Any JSON, with deep, wide and odd values, and keys in any order. */
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    fc.integer(),
    wellFormed,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
})).value

const bytesOf = (text: string): Uint8Array => Buffer.from(text)

describe('canonical form', () => {
  it('is what the reference implementation of RFC 8785 writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('comes back from its bytes as the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = encodeCanonical(value)
        const read = decodeCanonical(bytes)
        expect(read).toEqual(JSON.parse(JSON.stringify(value)))
        expect(encodeCanonical(read)).toEqual(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, json), { selector: ([name]) => name, maxLength: 8 }),
        (entries) => {
          const there = Object.fromEntries(entries)
          const back = Object.fromEntries(entries.toReversed())
          expect(canonicalText(back)).toBe(canonicalText(there))
        },
      ),
    )
  })

  it('writes the example of RFC 8785, section 3.2.2', () => {
    const example = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(canonicalText(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts keys by UTF-16 code units, as RFC 8785 does in section 3.2.3', () => {
    const example = { '\u20ac': 5, '\r': 1, '\ufb33': 7, '1': 2, '\ud83d\ude00': 6, '\u0080': 3, '\u00f6': 4 }
    expect(Object.values(JSON.parse(canonicalText(example)) as object)).toHaveLength(7)
    expect(canonicalText(example)).toBe(
      '{"\\r":1,"1":2,"\u0080":3,"\u00f6":4,"\u20ac":5,"\ud83d\ude00":6,"\ufb33":7}',
    )
  })

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as %s (RFC 8785, appendix B)', (bits, text) => {
    expect(canonicalText(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  })

  it('escapes what JSON must escape and nothing else', () => {
    expect(canonicalText('\b\t\n\f\r"\\/\u007f\u2028\u0001')).toBe(
      '"\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028\\u0001"',
    )
  })
})

describe('what has no canonical form', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const sparse: unknown[] = []
  sparse[1] = 1
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['undefined', { a: { b: undefined } }, 'a.b is undefined'],
    ['undefined in a list', [undefined], '0 is undefined'],
    ['a hole', sparse, '0 is undefined'],
    ['NaN', { a: [1, Number.NaN] }, 'a.1 is NaN'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, 'a is Infinity'],
    ['a BigInt', { a: 1n }, 'a is a bigint'],
    ['a function', { a: () => 1 }, 'a is a function'],
    ['toJSON', { a: { toJSON: () => 1 } }, 'a.toJSON is a function'],
    ['a symbol', { a: Symbol('x') }, 'a is a symbol'],
    ['a date', { a: new Date(0) }, 'a is an instance of a class'],
    ['a map', { a: new Map() }, 'a is an instance of a class'],
    ['bytes', { a: new Uint8Array(2) }, 'a is an instance of a class'],
    ['a boxed number', { a: Object(1) }, 'a is an instance of a class'],
    ['a lone surrogate', { a: 'x\ud83d' }, 'a holds a lone surrogate'],
    ['a lone surrogate in a key', { 'x\udc00': 1 }, 'holds a lone surrogate'],
    ['the key __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'a has the key __proto__'],
    ['a cycle', cycle, 'is nested deeper'],
  ]
  it.each(refused)('%s is refused, and the place is named', (_name, value, message) => {
    expect(() => encodeCanonical(value as Json)).toThrow(NotCanonical)
    expect(() => encodeCanonical(value as Json)).toThrow(message)
  })

  it('two texts that differ in a lone surrogate never share an id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0xd800, max: 0xdfff }), (text, unit) => {
        const cut = String.fromCharCode(unit) + text
        if (cut.isWellFormed()) return
        expect(() => encodeCanonical(cut)).toThrow(NotCanonical)
      }),
    )
  })

  it(`nesting beyond ${maxDepth} levels is refused, up to there it is not`, () => {
    const nested = (levels: number): Json => (levels === 0 ? 0 : [nested(levels - 1)])
    expect(decodeCanonical(encodeCanonical(nested(maxDepth)))).toEqual(nested(maxDepth))
    expect(() => encodeCanonical(nested(maxDepth + 1))).toThrow('nested deeper')
  })
})

describe('bytes that say the same in another way', () => {
  it.each([
    ['a space', '{"a": 1}', 'not_canonical'],
    ['a line end', '{"a":1}\n', 'not_canonical'],
    ['another order of keys', '{"b":1,"a":2}', 'not_canonical'],
    ['a key twice', '{"a":1,"a":1}', 'not_canonical'],
    ['1.0 for 1', '[1.0]', 'not_canonical'],
    ['−0', '[-0]', 'not_canonical'],
    ['1E3 for 1000', '[1E3]', 'not_canonical'],
    ['2⁵³+1', '[9007199254740993]', 'not_canonical'],
    ['a number beyond doubles', '[1e400]', 'not_canonical'],
    ['an escape that is not needed', '["\\u0041"]', 'not_canonical'],
    ['an upper-case escape', '["\\u000F"]', 'not_canonical'],
    ['a lone surrogate as an escape', '["\\ud83d"]', 'not_canonical'],
    ['__proto__', '{"__proto__":{"x":1}}', 'not_canonical'],
    ['a byte order mark', '\ufeff[1]', 'not_json'],
    ['NaN', '[NaN]', 'not_json'],
    ['a trailing comma', '[1,]', 'not_json'],
    ['half a value', '{"a":', 'not_json'],
    ['nothing', '', 'empty'],
  ])('%s is poison', (_name, text, reason) => {
    expect(poisonOf(bytesOf(text))).toBe(reason)
  })

  it('invalid UTF-8 is poison: stray, overlong, surrogates, cut', () => {
    for (const hex of ['22ff22', '22c0af22', '22eda0bd22', '22f09f9822', '22f490808022', '80'])
      expect(poisonOf(Buffer.from(hex, 'hex'))).toBe('not_utf8')
  })

  it('10⁵ levels are poison, in lists and in objects', () => {
    const deep = 100_000
    expect(poisonOf(bytesOf('['.repeat(deep) + ']'.repeat(deep)))).toBe('not_canonical')
    expect(poisonOf(bytesOf('{"a":'.repeat(deep) + '1' + '}'.repeat(deep)))).toBe('not_canonical')
    expect(poisonOf(bytesOf('['.repeat(deep)))).toBe('not_json')
  })

  it('a canonical text with one byte changed is poison or another value', () => {
    fc.assert(
      fc.property(json, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const bytes = encodeCanonical(value)
        const changed = Uint8Array.from(bytes)
        changed[at % bytes.length]! ^= change
        try {
          expect(encodeCanonical(decodeCanonical(changed))).toEqual(Buffer.from(changed))
        } catch (error) {
          expect(error).toBeInstanceOf(Poison)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

const poisonOf = (bytes: Uint8Array): string => {
  try {
    decodeCanonical(bytes)
    return 'no poison'
  } catch (error) {
    if (error instanceof Poison) return error.reason
    throw error
  }
}

describe('digest', () => {
  it('is the sha-256 of FIPS 180-2, of bytes and of the UTF-8 of a text alike', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex(bytesOf('é😀'))).toBe(sha256Hex('é😀'))
  })
})
