import { canonicalText, sha256Hex } from './canonical.ts'

/** What a principle is drawn for; a revision shares the draw of its critique. */
export type DrawPurpose = 'critique' | 'label'

/**
 * Draws a principle by rendezvous hashing (highest random weight, Thaler and Ravishankar 1998): the key with the greatest
 * sha-256(JCS([run seed, purpose, subject, round, i, key])). Uniform over the keys, blind to their order; removing or
 * adding a principle moves only the draws that land on it.
 * @throws RangeError without any key
 */
export const drawPrinciple = (
  runSeed: number,
  purpose: DrawPurpose,
  subject: string,
  round: number,
  i: number,
  keys: readonly string[],
): string => {
  const head = canonicalText([runSeed, purpose, subject, round, i]).slice(0, -1)
  let drawn: string | undefined
  let greatest = ''
  for (const key of keys) {
    const weight = sha256Hex(`${head},${canonicalText(key)}]`)
    if (weight > greatest) {
      greatest = weight
      drawn = key
    }
  }
  if (drawn === undefined) throw new RangeError('a principle is to be drawn, but there are none')
  return drawn
}
