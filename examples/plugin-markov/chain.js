/** Words and marks of a text, in lower case. */
export const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}’']+|[.!?,]/gu) ?? []

/** A word that ends a sentence. */
export const ends = (word) => word === '.' || word === '!' || word === '?'

/**
 * How often each word follows another, and follows two others. Counts are whole numbers, and words stand in the order
 * in which the text has them: sampling needs no rounding, so the same seed writes the same text on every machine.
 */
export function chainOf(text) {
  const words = wordsOf(text)
  const follow = new Map()
  const count = (key, word) => {
    const counts = follow.get(key) ?? new Map()
    follow.set(key, counts)
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  words.forEach((word, i) => {
    count('', word)
    if (i > 0) count(words[i - 1], word)
    if (i > 1) count(`${words[i - 2]} ${words[i - 1]}`, word)
  })
  return follow
}

/** What may come after some words: by the last two, else by the last one, else anything. */
const following = (chain, before) => {
  const last = before.slice(-2)
  return chain.get(last.join(' ')) ?? chain.get(last.at(-1) ?? '') ?? chain.get('')
}

/** A random number generator of 32 bits (mulberry32, public domain), seeded. */
const randomOf = (seed) => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Goes on after some words, word by word, until a sentence ends or there are enough. */
export function write(chain, before, { seed, greedy, most }) {
  const random = randomOf(seed)
  const words = [...before]
  const written = []
  while (written.length < most) {
    const counts = following(chain, words)
    const next = greedy ? mostFrequent(counts) : drawn(counts, random)
    written.push(next)
    words.push(next)
    if (ends(next)) break
  }
  return written
}

const mostFrequent = (counts) => [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]

const drawn = (counts, random) => {
  let left = random([...counts.values()].reduce((sum, count) => sum + count, 0))
  for (const [word, count] of counts) {
    left -= count
    if (left < 0) return word
  }
  throw new Error('the counts changed while a word was drawn')
}

/** Words as a sentence: marks stand close, the first letter is large. */
export const sentenceOf = (words) => {
  const text = words.join(' ').replaceAll(/ ([.!?,])/g, '$1')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
