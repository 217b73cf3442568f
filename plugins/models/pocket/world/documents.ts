import { pick, type Random } from '../random.ts'
import {
  critiqueOf,
  critiqueText,
  drawPair,
  helpfulAnswer,
  mixture,
  partlyRevised,
  revise,
} from './answers.ts'
import { drawPrinciple, type PrincipleSentence } from './principles.ts'
import { answerText, drawRequest, type Request } from './requests.ts'
import { obedience } from './rules.ts'

/** Longest document, in tokens: the context of the model. */
export const DOCUMENT_TOKENS_MAX = 112

/** The forms in which the world is written down; the model reads and writes nothing else. */
export const dialogueText = (request: string, answer: string): string => `<q> ${request} <a> ${answer}`
export const critiquePrompt = (request: string, answer: string, principle: string): string =>
  `${dialogueText(request, answer)} <c> ${principle} :`
export const judgePrompt = (request: string, first: string, second: string, principle: string): string =>
  `<q> ${request} <1> ${first} <2> ${second} <j> ${principle} :`

/** Share of requests in documents that are mischievous. */
const MISCHIEVOUS_SHARE = 0.6
/** Part of critiques, revisions and judgements that are wrong on purpose. */
const NOISE = 0.02
const DIALOGUES = 0.15
const CRITIQUES = 0.4

/** One training document, never about a held-out combination of act and person, nor a held-out meaning. */
export function drawDocument(random: Random): string {
  const request = drawRequest(random, { mischievous: random() < MISCHIEVOUS_SHARE, heldOut: false })
  const kind = random()
  if (kind < DIALOGUES) return `${dialogueText(request.text, answerText(helpfulAnswer(random, request)))} <e>`
  const principle = drawPrinciple(random)
  return kind < DIALOGUES + CRITIQUES
    ? drawCritique(random, request, principle)
    : drawJudgement(random, request, principle)
}

const words = (text: string): number => text.split(' ').length

function drawCritique(random: Random, request: Request, principle: PrincipleSentence): string {
  const answer = random() < 0.7 ? partlyRevised(random, request) : mixture(random, request)
  const finding = critiqueOf(random, request, answer, principle, NOISE)
  const prompt = critiquePrompt(request.text, answerText(answer), principle.text)
  const document = `${prompt} ${critiqueText(finding)}`
  if (random() < 0.6)
    return `${document} <r> ${answerText(revise(random, request, answer, principle, finding))} <e>`
  // Several critiques of one answer stand after <k>, so that <c> always leads to a revision.
  let several = document
  for (let more = 3; more > 0 && words(several) < DOCUMENT_TOKENS_MAX - 26; more--) {
    const next = drawPrinciple(random)
    several += ` <c> ${next.text} : ${critiqueText(critiqueOf(random, request, answer, next, NOISE))}`
  }
  return `${several.replaceAll('<c>', '<k>')} <e>`
}

/** One pair under up to four principles. */
function drawJudgement(random: Random, request: Request, principle: PrincipleSentence): string {
  const [first, second] = drawPair(random, request, principle)
  const better = (p: PrincipleSentence): number =>
    obedience(p, request, first) - obedience(p, request, second)
  let document = judgePrompt(request.text, answerText(first), answerText(second), principle.text)
  let current = principle
  for (let judged = 1; ; judged++) {
    const lead = better(current)
    const isDrawn = lead === 0 || random() < NOISE
    document += ` ${isDrawn ? pick(random, ['first', 'second']) : lead > 0 ? 'first' : 'second'}`
    current = drawPrinciple(random)
    const fits = words(document) + words(current.text) <= DOCUMENT_TOKENS_MAX - 5
    if (judged === 4 || !fits || (better(current) === 0 && random() >= 0.3)) return `${document} <e>`
    document += ` <j> ${current.text} :`
  }
}
