import { UnknownWord } from '../errors.ts'
import { FAULT_OF, GOOD_FOR, NEUTRAL } from './facts.ts'
import { PRINCIPLES } from './principles.ts'
import { REQUESTS } from './requests.ts'

/** Marks of the documents' form; `<pad>` is token 0 and never read. */
export const MARKS = [
  '<pad>',
  '<q>',
  '<a>',
  '<c>',
  '<k>',
  '<r>',
  '<e>',
  '<j>',
  '<1>',
  '<2>',
  ':',
  '.',
  '?',
] as const
export type Mark = (typeof MARKS)[number]

const SAID = ['first', 'second', 'no fault', 'it offers nothing good', 'it is']

/** All words of the world, sorted. */
function collectWords(): string[] {
  const texts = [
    ...SAID,
    ...PRINCIPLES.map((p) => p.text),
    ...REQUESTS.map((r) => r.text),
    ...FAULT_OF.keys(),
    ...FAULT_OF.values(),
    ...GOOD_FOR.keys(),
    ...NEUTRAL,
  ]
  const marks = new Set<string>(MARKS)
  return [...new Set(texts.flatMap((text) => text.split(' ')))].filter((word) => !marks.has(word)).sort()
}

/** Token number to word: 13 marks, then 307 words. Its order is part of the weights' meaning. */
export const VOCABULARY: readonly string[] = [...MARKS, ...collectWords()]

const NUMBER_OF: ReadonlyMap<string, number> = new Map(VOCABULARY.map((word, i) => [word, i]))

/** The number of a mark or word that is known to exist. */
export function tokenOf(word: Mark | 'first' | 'second'): number {
  return NUMBER_OF.get(word) as number
}

/** Words and marks to token numbers. @throws UnknownWord for a word that the world does not have */
export const encode = (text: string): Int32Array => numbersOf(text, 0)

/** The same for what a person wrote, in which marks are unknown words; a full stop and a question mark are none. */
export const encodeWords = (text: string): Int32Array => numbersOf(text, tokenOf('.'))

function numbersOf(text: string, least: number): Int32Array {
  const words = text.split(' ').filter((word) => word !== '')
  return Int32Array.from(words, (word) => {
    const number = NUMBER_OF.get(word)
    if (number === undefined || number < least) throw new UnknownWord(word, text, nearestWords(word))
    return number
  })
}

export const decode = (tokens: ArrayLike<number>): string =>
  Array.from(tokens, (token) => VOCABULARY[token] ?? '<pad>').join(' ')

function nearestWords(word: string): string[] {
  const lower = word.toLowerCase().slice(0, 40)
  return VOCABULARY.slice(MARKS.length)
    .map((known) => ({ known, distance: editDistance(lower, known) }))
    .sort((a, b) => a.distance - b.distance || (a.known < b.known ? -1 : 1))
    .slice(0, 3)
    .map(({ known }) => known)
}

/** Insertions, deletions and exchanges between two words (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchange = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(exchange, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
