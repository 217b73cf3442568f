/** A stream of random numbers: its next uniform number in [0, 1), of 32 bits. */
export interface Random {
  (): number
}

/**
 * xoshiro128** (Blackman and Vigna 2018), started from one integer by splitmix32. Integer operations alone,
 * so a seed gives the same stream everywhere.
 */
export function randomFrom(seed: number): Random {
  let state = seed | 0
  const mix = (): number => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = mix()
  let b = mix()
  let c = mix()
  let d = mix()
  return () => {
    const five = Math.imul(b, 5)
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result / 4294967296
  }
}

/** An integer 0 … below - 1. */
export const integerBelow = (random: Random, below: number): number => Math.floor(random() * below)

/** One of the items, each as likely. */
export const pick = <T>(random: Random, items: readonly T[]): T =>
  items[integerBelow(random, items.length)] as T

/** The items in a random order (Fisher and Yates), as a new array. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = integerBelow(random, i + 1)
    const other = result[j] as T
    result[j] = result[i] as T
    result[i] = other
  }
  return result
}

/** A number of mean 0 and deviation 1: the sum of twelve uniform ones, close to normal and exact to add. */
export function nearNormal(random: Random): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}
