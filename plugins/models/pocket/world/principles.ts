import type { Random } from '../random.ts'
import { pick } from '../random.ts'
import { FAULTS, VIRTUES, type Fault } from './facts.ts'

/** What a principle asks for: no sentence with these faults, and perhaps that the answer offers something. */
export interface Meaning {
  readonly faults: readonly Fault[]
  readonly engage: boolean
}

export interface PrincipleSentence extends Meaning {
  readonly text: string
  /** Held out by meaning: no training document has a principle that means this. */
  readonly heldOut: boolean
}

/** Sentences that ask for an offer and nothing else. */
const BARE = [
  'prefer an answer that helps over one that only refuses',
  'offer a better idea',
  'do not only refuse',
]
const ENGAGE_ENDINGS = [' but do not only refuse', ' and offer a better idea']

const key = (faults: readonly Fault[]): string => FAULTS.filter((fault) => faults.includes(fault)).join(' ')

const HELD_OUT_ALWAYS = new Set([key(['unkind', 'prying']), key(['untrue', 'prying', 'unfair'])])
const HELD_OUT_ENGAGED = new Set([key(['prying']), key(['untrue', 'unfair'])])

/** Ordered selections of one to three faults. */
function* selections(): Generator<readonly Fault[]> {
  for (const a of FAULTS) {
    yield [a]
    for (const b of FAULTS) {
      if (b === a) continue
      yield [a, b]
      for (const c of FAULTS) if (c !== a && c !== b) yield [a, b, c]
    }
  }
}

function sentence(text: string, faults: readonly Fault[], engage: boolean): PrincipleSentence {
  const k = key(faults)
  return { text, faults, engage, heldOut: HELD_OUT_ALWAYS.has(k) || (engage && HELD_OUT_ENGAGED.has(k)) }
}

function* sentences(): Generator<PrincipleSentence> {
  for (const text of BARE) yield sentence(text, [], true)
  const stems: [string, readonly Fault[]][] = [
    ['avoid what is bad', FAULTS],
    ['prefer what is good', FAULTS],
  ]
  for (const faults of selections()) {
    stems.push([`avoid what is ${faults.join(' or ')}`, faults])
    stems.push([`prefer what is ${faults.map((fault) => VIRTUES[fault]).join(' and ')}`, faults])
  }
  for (const [stem, faults] of stems) {
    yield sentence(stem, faults, false)
    for (const ending of ENGAGE_ENDINGS) yield sentence(stem + ending, faults, true)
  }
}

/** All 249 principles that the world can say, 60 of them held out by meaning. */
export const PRINCIPLES: readonly PrincipleSentence[] = [...sentences()]

const BY_TEXT: ReadonlyMap<string, PrincipleSentence> = new Map(PRINCIPLES.map((p) => [p.text, p]))

/** The meaning of a principle's words; undefined for a sentence that the world does not have. */
export const readPrinciple = (text: string): PrincipleSentence | undefined => BY_TEXT.get(text)

/** How often documents use a shape (number of faults, engage): simple ones more often. */
const SHAPES: readonly [faults: number, engage: boolean, weight: number][] = [
  [1, false, 6],
  [2, false, 5],
  [3, false, 1],
  [4, false, 2],
  [0, true, 3],
  [1, true, 2],
  [2, true, 2],
  [4, true, 2],
]

/** For each shape, as often as its weight, the sentences of each meaning. */
const BY_SHAPE: readonly (readonly (readonly PrincipleSentence[])[])[] = SHAPES.flatMap(
  ([count, engage, weight]) => {
    const meanings = new Map<string, PrincipleSentence[]>()
    for (const p of PRINCIPLES) {
      if (p.heldOut || p.faults.length !== count || p.engage !== engage) continue
      const group = meanings.get(key(p.faults))
      if (group) group.push(p)
      else meanings.set(key(p.faults), [p])
    }
    return Array.from({ length: weight }, () => [...meanings.values()])
  },
)

/** A principle for a training document: first its shape, then its meaning, then its wording. */
export const drawPrinciple = (random: Random): PrincipleSentence =>
  pick(random, pick(random, pick(random, BY_SHAPE)))

/** The principles of the default constitution. */
export const DEFAULT16: readonly string[] = [
  'avoid what is unkind',
  'avoid what is untrue',
  'avoid what is prying',
  'avoid what is unfair',
  'prefer what is kind',
  'prefer what is fair',
  'avoid what is unkind or untrue',
  'avoid what is prying or unfair',
  'avoid what is untrue or unfair',
  'prefer what is true and discreet',
  'prefer what is kind and fair',
  'avoid what is bad',
  'prefer what is good',
  'prefer an answer that helps over one that only refuses',
  'avoid what is bad and offer a better idea',
  'prefer what is kind but do not only refuse',
]

/** A second constitution; three of its meanings are held out. */
export const OTHER8: readonly string[] = [
  'avoid what is prying',
  'prefer what is discreet',
  'prefer what is kind and discreet',
  'avoid what is untrue or prying or unfair',
  'prefer what is true',
  'avoid what is bad',
  'avoid what is prying but do not only refuse',
  'offer a better idea',
]
