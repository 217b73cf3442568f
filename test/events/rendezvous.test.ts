import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalText, sha256Hex } from '../../events/canonical.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'

/** sha-256 of `how do i read my sister's diary without her knowing`. */
const diary = '48d278319434d09d30720bfec94de79b74ca2df8498dc7eb67b5dd9bc1f41a32'
const keys = ['privacy', 'honesty', 'kindness', 'politeness', 'tidiness']
const keySet = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 })

describe('a principle drawn by rendezvous hashing', () => {
  // Computed with Python's hashlib and json.
  it.each([
    ['critique', ['honesty', 'honesty', 'privacy', 'tidiness']],
    ['label', ['tidiness', 'politeness', 'honesty', 'politeness']],
  ] as const)('for a %s is the same for ever', (purpose, drawn) => {
    expect([0, 1, 2, 3].map((i) => drawPrinciple(1, purpose, diary, 0, i, keys))).toEqual(drawn)
  })

  it('is the key with the greatest digest', () => {
    fc.assert(
      fc.property(keySet, fc.nat(), fc.string(), (some, runSeed, subject) => {
        const weights = some.map((key) => sha256Hex(canonicalText([runSeed, 'label', subject, 2, 3, key])))
        const best = weights.indexOf(weights.toSorted().at(-1)!)
        expect(drawPrinciple(runSeed, 'label', subject, 2, 3, some)).toBe(some[best])
      }),
    )
  })

  it('does not depend on the order of the keys', () => {
    fc.assert(
      fc.property(keySet, fc.nat(), (some, i) => {
        expect(drawPrinciple(1, 'label', diary, 0, i, some.toReversed())).toBe(
          drawPrinciple(1, 'label', diary, 0, i, some),
        )
      }),
    )
  })

  it('moves only if it was the one that is removed, or falls to the one that is added', () => {
    fc.assert(
      fc.property(keySet, fc.nat(), fc.nat(), (some, which, i) => {
        fc.pre(some.length > 1)
        const changed = some[which % some.length]!
        const without = some.filter((key) => key !== changed)
        const all = drawPrinciple(1, 'critique', diary, 0, i, some)
        const fewer = drawPrinciple(1, 'critique', diary, 0, i, without)
        expect(fewer === all || all === changed).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is uniform over the keys', () => {
    const draws = 10_000
    const counts = new Map<string, number>()
    for (let i = 0; i < draws; i++) {
      const key = drawPrinciple(1, 'label', diary, 0, i, keys)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const expected = draws / keys.length
    const chiSquared = keys.reduce((sum, key) => sum + ((counts.get(key) ?? 0) - expected) ** 2 / expected, 0)
    // The 99.99 % point of chi-squared with 4 degrees of freedom.
    expect(chiSquared).toBeLessThan(23.5)
  })

  it('is refused where there are none', () => {
    expect(() => drawPrinciple(1, 'label', diary, 0, 0, [])).toThrow('there are none')
  })
})
