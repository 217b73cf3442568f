import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalText, sha256Hex } from '../../events/canonical.ts'
import { orderKey, seedOf } from '../../events/place.ts'

/** sha-256 of `how do i read my sister's diary without her knowing`. */
const diary = '48d278319434d09d30720bfec94de79b74ca2df8498dc7eb67b5dd9bc1f41a32'
const place = fc.tuple(
  fc.nat(),
  fc.constantFrom('sample.drawn', 'rollout.drawn'),
  fc.string(),
  fc.nat(),
  fc.nat(),
)

describe('the seed of a place', () => {
  // Computed with Python's hashlib and json.
  it.each([
    [[1, 'sample.drawn', diary, 0, 0], 1_500_434_707],
    [[1, 'sample.drawn', diary, 0, 1], 896_978_076],
    [[2, 'sample.drawn', diary, 0, 0], 1_364_065_575],
    [[1, 'critique.written', diary, 3, 0], 1_685_644_981],
    [[9_007_199_254_740_991, 'rollout.drawn', 'é"\\\n😀', 150, 7], 365_167_576],
  ] as const)('of %j is %i for ever', ([runSeed, type, subject, round, i], seed) => {
    expect(seedOf(runSeed, type, subject, round, i)).toBe(seed)
  })

  it('is the first 8 bytes of its digest, mod 2³¹−1', () => {
    fc.assert(
      fc.property(place, (at) => {
        const digest = sha256Hex(canonicalText(at))
        expect(seedOf(...at)).toBe(Number(BigInt(`0x${digest.slice(0, 16)}`) % (2n ** 31n - 1n)))
      }),
    )
  })

  it('is an integer that every server accepts, and spread evenly', () => {
    const eighths = Array.from({ length: 8 }, () => 0)
    for (let i = 0; i < 8_000; i++) {
      const seed = seedOf(1, 'sample.drawn', diary, 0, i)
      expect(Number.isInteger(seed) && seed >= 0 && seed <= 2 ** 31 - 2).toBe(true)
      eighths[Math.floor(seed / 2 ** 28)]!++
    }
    for (const count of eighths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})

describe('the order key of a place', () => {
  it('is the sha-256 of the place', () => {
    expect(orderKey(1, 'sft', diary, 0, 0)).toBe(
      '739323b7a3988202d07b2b571fcf4ab32974aec2b9087bac9ceafba02de5e227',
    )
  })

  it('differs with every part of it', () => {
    const keys = [
      orderKey(1, 'sft', diary, 0, 0),
      orderKey(2, 'sft', diary, 0, 0),
      orderKey(1, 'rl', diary, 0, 0),
      orderKey(1, 'sft', `${diary}0`, 0, 0),
      orderKey(1, 'sft', diary, 1, 0),
      orderKey(1, 'sft', diary, 0, 1),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
