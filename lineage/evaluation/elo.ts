import { fitHead } from '../attribution/bradley-terry.ts'

/** One comparison of two rivals' answers. */
export interface Duel {
  readonly first: string
  readonly second: string
  readonly preferred: 'first' | 'second' | 'tie'
}

/** Elo points per unit of a Bradley–Terry rating: a lead of 400 points wins ten times as often as it loses. */
export const eloPerUnit = 400 / Math.LN10

/**
 * How firmly ratings are held to the base's, in comparisons: keeps a rival that always won at a finite rating, and moves
 * one that met others a hundred times by less than a point.
 */
const holdToBase = 0.01

/**
 * Bradley–Terry ratings by maximum likelihood over all comparisons at once (unlike Elo's running updates, no order
 * matters); a tie is half a win for each. Scale 400 / ln 10, the first rival is 0.
 * @param rivals the base first
 * @returns points of each rival, in their order
 */
export const eloOf = (rivals: readonly string[], duels: readonly Duel[]): readonly number[] => {
  const d = rivals.length - 1
  if (d < 1) return rivals.map(() => 0)
  const column = new Map(rivals.map((rival, at) => [rival, at - 1]))
  const known = duels.filter(
    ({ first, second }) => first !== second && column.has(first) && column.has(second),
  )
  const differences = new Float64Array(known.length * d)
  known.forEach(({ first, second }, i) => {
    const [a, b] = [column.get(first)!, column.get(second)!]
    if (a >= 0) differences[i * d + a]! += 1
    if (b >= 0) differences[i * d + b]! -= 1
  })
  const targets = Float64Array.from(known, ({ preferred }) =>
    preferred === 'tie' ? 0.5 : preferred === 'first' ? 1 : 0,
  )
  const { theta } = fitHead({ differences, targets, lambda: holdToBase, start: new Float64Array(d) })
  return [0, ...Array.from(theta, (rating) => rating * eloPerUnit)]
}
