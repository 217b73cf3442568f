import { describe, expect, it } from 'vitest'
import { eloOf, eloPerUnit, type Duel } from '../../../lineage/evaluation/elo.ts'

const duels = (first: string, second: string, won: number, lost: number, tied = 0): Duel[] => [
  ...Array.from({ length: won }, (): Duel => ({ first, second, preferred: 'first' })),
  ...Array.from({ length: lost }, (): Duel => ({ first, second, preferred: 'second' })),
  ...Array.from({ length: tied }, (): Duel => ({ first, second, preferred: 'tie' })),
]

describe('Elo over snapshots', () => {
  it('gives a lead of 400 points to who wins ten times as often, and 0 to the base', () => {
    const [base, other] = eloOf(['base', 'other'], duels('base', 'other', 1_000, 10_000))
    expect(base).toBe(0)
    expect(other).toBeCloseTo(400, 1)
  })

  it('counts a tie as half a win for each, whoever stands first', () => {
    const [, a] = eloOf(['base', 'other'], duels('other', 'base', 60, 20, 20))
    const [, b] = eloOf(['base', 'other'], duels('base', 'other', 30, 70))
    expect(a).toBeCloseTo(b!, 6)
    expect(a).toBeCloseTo(Math.log(7 / 3) * eloPerUnit, 0)
  })

  it('rates rivals that never met by those whom both met', () => {
    const ratings = eloOf(['a', 'b', 'c'], [...duels('b', 'a', 300, 100), ...duels('c', 'b', 300, 100)])
    expect(ratings[2]).toBeCloseTo(2 * ratings[1]!, 1)
  })

  it('stays finite where one always won, and is 0 where nobody met', () => {
    const [, winner] = eloOf(['base', 'winner'], duels('winner', 'base', 50, 0))
    expect(winner).toBeGreaterThan(500)
    expect(winner).toBeLessThan(5_000)
    expect(eloOf(['base', 'other'], [])).toEqual([0, 0])
    expect(eloOf(['base'], duels('base', 'stranger', 3, 0))).toEqual([0])
  })
})
