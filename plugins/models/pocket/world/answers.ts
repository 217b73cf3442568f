import { integerBelow, pick, shuffled, type Random } from '../random.ts'
import {
  CARES,
  FAULTS,
  FAULT_OF,
  GENERAL_FAULTS,
  OBJECTIONS,
  OPENINGS,
  REFUSALS,
  STEP_OF,
  type Fault,
} from './facts.ts'
import { drawPrinciple, type PrincipleSentence } from './principles.ts'
import type { Request } from './requests.ts'
import { goodOf, isFlat, isOf, obedience } from './rules.ts'

/** The people of the training documents: an obliging answerer, a critic and a reviser. An answer has at most 5 sentences. */
const SENTENCES_MAX = 5

const chance = (random: Random, probability: number): boolean => random() < probability

/** A general faulty sentence of each kind, each with this probability. */
const faultySentences = (random: Random, probability: number): string[] =>
  FAULTS.filter(() => chance(random, probability)).map((fault) => pick(random, GENERAL_FAULTS[fault]))

/** The helpful-only answerer: two or three steps, whatever is asked, now and then a better idea or a refusal. */
export function helpfulAnswer(random: Random, request: Request, refusing = 0.04): string[] {
  if (chance(random, refusing)) return refusal(random, request)
  const { steps, good, mischievous } = request.topic
  const body = shuffled(random, steps).slice(0, pick(random, [2, 2, 3, 3]))
  body.push(...faultySentences(random, mischievous ? 0.16 : 0.07))
  if (mischievous && chance(random, 0.12)) body.push(pick(random, good))
  if (chance(random, 0.06)) body.push(pick(random, CARES))
  const opening = chance(random, 0.5) ? [pick(random, OPENINGS)] : []
  return [...opening, ...shuffled(random, body)].slice(0, SENTENCES_MAX)
}

function refusal(random: Random, request: Request): string[] {
  const answer = [pick(random, REFUSALS)]
  if (chance(random, 0.3)) answer.push(pick(random, CARES))
  if (request.topic.mischievous && chance(random, 0.3)) answer.push(OBJECTIONS[pick(random, FAULTS)])
  return answer
}

/** What a critic finds: the first sentence with a fault of the principle, nothing offered, or no fault. */
export type Finding = { readonly quote: string } | 'nothing offered' | undefined

/** Finds the first sentence that the principle is about; with a probability of `noise` it sees nothing. */
export function critiqueOf(
  random: Random,
  request: Request,
  answer: readonly string[],
  principle: PrincipleSentence,
  noise = 0.02,
): Finding {
  if (chance(random, noise)) return undefined
  const quote = answer.find((s) => isOf(principle, s))
  if (quote !== undefined) return { quote }
  return principle.engage && goodOf(request, answer) === 0 ? 'nothing offered' : undefined
}

export function critiqueText(finding: Finding): string {
  if (finding === undefined) return 'no fault'
  if (finding === 'nothing offered') return 'it offers nothing good'
  return `it is ${FAULT_OF.get(finding.quote)} : ${finding.quote}`
}

/**
 * Mends what the critique names. The reviser over-corrects a little, and falls back on a refusal where
 * nothing on topic is left.
 */
export function revise(
  random: Random,
  request: Request,
  answer: readonly string[],
  principle: PrincipleSentence,
  finding: Finding,
): string[] {
  if (finding === undefined) {
    const kept = answer.filter((s) => !(STEP_OF.has(s) && chance(random, 0.05)))
    return kept.length > 0 ? kept : [...answer]
  }
  const ideas = shuffled(
    random,
    request.topic.good.filter((s) => !answer.includes(s)),
  )
  const revised =
    finding === 'nothing offered'
      ? offerSomething(random, answer, ideas)
      : replaceQuoted(random, answer, principle, finding.quote, ideas)
  const distinct = [...new Set(revised)]
  if (!isFlat(request, distinct)) return distinct.slice(0, SENTENCES_MAX)
  const rest = distinct.filter((s) => !OPENINGS.includes(s) && !REFUSALS.includes(s))
  return [pick(random, REFUSALS), ...rest].slice(0, SENTENCES_MAX)
}

function offerSomething(random: Random, answer: readonly string[], ideas: readonly string[]): string[] {
  const kept = answer.filter((s) => !(REFUSALS.includes(s) && chance(random, 0.3)) && !CARES.includes(s))
  return [...kept, ...ideas.slice(0, pick(random, [1, 2, 2]))]
}

function replaceQuoted(
  random: Random,
  answer: readonly string[],
  principle: PrincipleSentence,
  quote: string,
  ideas: string[],
): string[] {
  const dropAll = chance(random, 0.3)
  const towardsIdea = principle.engage ? 0.55 : 0.3
  return answer.flatMap((s) => {
    if (s === quote) {
      const r = random()
      const idea = r < towardsIdea ? ideas.pop() : undefined
      if (idea !== undefined) return [idea]
      if (r < towardsIdea + 0.2) return [OBJECTIONS[FAULT_OF.get(s) as Fault]]
      return r < towardsIdea + 0.27 ? [pick(random, CARES)] : []
    }
    if (dropAll && isOf(principle, s)) return []
    if (STEP_OF.has(s) && chance(random, 0.08)) return []
    return OPENINGS.includes(s) && chance(random, 0.5) ? [] : [s]
  })
}

/** An answer after some number of revisions under various principles. */
export function partlyRevised(random: Random, request: Request): string[] {
  let answer = helpfulAnswer(random, request, 0.1)
  for (let rounds = pick(random, [0, 0, 1, 1, 2, 3, 4]); rounds > 0; rounds--) {
    const principle = drawPrinciple(random)
    answer = revise(random, request, answer, principle, critiqueOf(random, request, answer, principle))
  }
  return answer
}

/** Any mixture of sentences, so that judges see what answerers would not write. */
export function mixture(random: Random, request: Request): string[] {
  const { steps, good, mischievous } = request.topic
  const pool = mischievous ? [...steps, ...good] : steps
  const answer = shuffled(random, pool).slice(0, pick(random, [0, 1, 1, 2, 2, 3]))
  answer.push(...faultySentences(random, 0.2))
  if (chance(random, 0.15)) answer.push(OBJECTIONS[pick(random, FAULTS)])
  if (chance(random, 0.15)) answer.push(pick(random, CARES))
  const mixed = shuffled(random, answer)
  if (mixed.length === 0 || chance(random, 0.12)) mixed.unshift(pick(random, REFUSALS))
  else if (chance(random, 0.2)) mixed.unshift(pick(random, OPENINGS))
  return mixed.slice(0, SENTENCES_MAX)
}

/** The same answer with a sentence or two removed, added or exchanged. */
function edited(random: Random, request: Request, answer: readonly string[]): string[] {
  const { good, steps } = request.topic
  const others = [...FAULTS.flatMap((fault) => GENERAL_FAULTS[fault]), ...good, ...good, ...steps, ...steps]
  const result = [...answer]
  for (let edits = pick(random, [1, 1, 2]); edits > 0; edits--) {
    const other = pick(random, others)
    const at = integerBelow(random, Math.max(1, result.length))
    const r = random()
    if (r < 0.35 && result.length > 1) result.splice(at, 1)
    else if (r < 0.65 && result.length < SENTENCES_MAX && !result.includes(other)) result.splice(at, 0, other)
    else if (result.length > 0 && !result.includes(other)) result[at] = other
  }
  return result
}

export type Pair = readonly [first: string[], second: string[]]

/** Two answers to judge under a principle; ties are avoided, not excluded. */
export function drawPair(random: Random, request: Request, principle: PrincipleSentence): Pair {
  let pair = onePair(random, request)
  for (let tries = 3; tries > 0 && isTie(principle, request, pair); tries--) pair = onePair(random, request)
  return pair
}

const isTie = (principle: PrincipleSentence, request: Request, [a, b]: Pair): boolean =>
  obedience(principle, request, a) === obedience(principle, request, b)

function onePair(random: Random, request: Request): Pair {
  const kind = random()
  const write = chance(random, 0.5) ? partlyRevised : mixture
  let a = write(random, request)
  let b = kind < 0.4 ? edited(random, request, a) : write(random, request)
  // Each answer gets a fault that the other lacks, so that only the principle decides.
  if (kind > 0.65) {
    const [one, other] = shuffled(random, FAULTS) as [Fault, Fault]
    a = withFault(random, request, a, one, other)
    b = withFault(random, request, b, other, one)
  }
  return chance(random, 0.5) ? [a, b] : [b, a]
}

function withFault(
  random: Random,
  request: Request,
  answer: string[],
  fault: Fault,
  without: Fault,
): string[] {
  const steps = request.topic.steps.filter((s) => FAULT_OF.get(s) === fault)
  const result = answer.filter((s) => FAULT_OF.get(s) !== without).slice(0, SENTENCES_MAX - 1)
  const sentence = pick(random, [...GENERAL_FAULTS[fault], ...steps, ...steps])
  result.splice(integerBelow(random, result.length + 1), 0, sentence)
  return result
}
