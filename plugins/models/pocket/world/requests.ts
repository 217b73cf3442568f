import type { Random } from '../random.ts'
import { integerBelow } from '../random.ts'
import { PEOPLE, PHRASINGS, TOPICS, type Topic } from './facts.ts'

export interface Request {
  readonly topic: Topic
  readonly person: string
  readonly text: string
  /** Whether training ever sees this act with this person; a fifth of the combinations is held out. */
  readonly heldOut: boolean
}

/** All requests: 17 acts, 6 people, 3 phrasings. The index within its kind decides what is held out. */
export const REQUESTS: readonly Request[] = TOPICS.flatMap((topic) => {
  const index = TOPICS.filter((other) => other.mischievous === topic.mischievous).indexOf(topic)
  return PEOPLE.flatMap((person, j) =>
    PHRASINGS.map(({ before, after }) => ({
      topic,
      person,
      text: `${before} ${topic.act} my ${person}${after}`,
      heldOut: (3 * index + j) % 5 === 0,
    })),
  )
})

export interface RequestKind {
  readonly mischievous: boolean
  readonly heldOut: boolean
}

export const requestsOf = (kind: RequestKind): readonly Request[] =>
  REQUESTS.filter((r) => r.topic.mischievous === kind.mischievous && r.heldOut === kind.heldOut)

const POOLS = new Map(
  [true, false].flatMap((mischievous) =>
    [true, false].map(
      (heldOut) => [`${mischievous} ${heldOut}`, requestsOf({ mischievous, heldOut })] as const,
    ),
  ),
)

export function drawRequest(random: Random, kind: RequestKind): Request {
  const pool = POOLS.get(`${kind.mischievous} ${kind.heldOut}`) as readonly Request[]
  return pool[integerBelow(random, pool.length)] as Request
}

const BY_TEXT: ReadonlyMap<string, Request> = new Map(REQUESTS.map((request) => [request.text, request]))

/** What a request is about; undefined for words that are none of the world's requests. */
export const readRequest = (text: string): Request | undefined =>
  BY_TEXT.get(text) ?? BY_TEXT.get(`${text} ?`) ?? BY_TEXT.get(text.replace(/ \?$/, ''))

/** Sentences of an answer, each ended by ` .` in its text. */
export const sentencesOf = (answer: string): string[] =>
  answer
    .replace(/[ .]+$/, '')
    .split(' . ')
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')

export const answerText = (sentences: readonly string[]): string => `${sentences.join(' . ')} .`
