import type { Digest } from '../events/event.ts'

/** Counts the acts of one type in one stage that share a subject and a round, from 0 in the order asked. */
export class Occurrences {
  readonly #seen = new Map<string, number>()

  next(subject: string, round = 0): number {
    const place = `${round} ${subject}`
    const i = this.#seen.get(place) ?? 0
    this.#seen.set(place, i + 1)
    return i
  }
}

/** Sorts by a digest of each item's place, ascending; equal digests keep the order given. */
export const ascendingBy = <T>(items: readonly T[], key: (item: T) => Digest): T[] =>
  items
    .map((item, at) => ({ item, at, key: key(item) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.at - b.at))
    .map(({ item }) => item)

/** Item `n` of a list that is gone through again and again. */
export const cycled = <T>(items: readonly T[], n: number): T => items[n % items.length]!
