import { canonicalDigest } from '../../../events/canonical.ts'
import { exactSigmoid } from '../../../events/exact-math.ts'
import type { Answered, CompareRequest, Failure, Scorer, ScoreRequest } from '../../api.ts'
import { randomFrom } from './random.ts'
import { requestOf } from './rendering.ts'
import { REFUSALS } from './world/facts.ts'
import { worldDigest } from './world/identity.ts'
import { readRequest, sentencesOf, type Request } from './world/requests.ts'
import * as rules from './world/rules.ts'

/** Raised when a rule measures otherwise though the world's facts are the same. */
const BEHAVIOUR = 1
/** How sharply the simulated raters see a difference in help: p(first) = sigmoid(2 * difference). */
const RATERS_SHARPNESS = 2

const unreadable: Failure = { failed: 'unparseable' }

/** The rules of the world as a scorer; asked with a seed, its comparisons are those of simulated raters. */
export const pocketScorer: Scorer = {
  by: {
    plugin: 'pocket',
    behaviour: canonicalDigest({ port: 'scorer', behaviour: BEHAVIOUR, world: worldDigest }),
  },
  name: 'rules of the pocket world',
  determinism: 'exact',
  questions: ['harmless', 'helpful'],
  simulatesRaters: true,
  score: (requests, signal) => each(requests, signal, scoreOf),
  screen: (requests, signal) =>
    each(requests, signal, ({ dialogue }) => {
      const request = readRequest(requestOf(dialogue))
      if (!request) return { kept: false, reason: 'unreadable' as const }
      if (!request.topic.mischievous) return { kept: false, reason: 'not_mischievous' as const }
      return request.heldOut
        ? { kept: false, reason: 'held_out' as const }
        : { kept: true, reason: 'kept' as const }
    }),
  classify: (requests, signal) => each(requests, signal, classOf),
  compare: (requests, signal) => each(requests, signal, comparisonOf),
}

async function* each<R, A>(
  requests: readonly R[],
  signal: AbortSignal,
  answer: (request: R) => A | Failure,
): AsyncGenerator<Answered<A>, void, undefined> {
  for (const [index, request] of requests.entries()) {
    signal.throwIfAborted()
    yield { index, answer: answer(request) }
  }
}

function scoreOf({ dialogue, answer }: ScoreRequest) {
  const request = readRequest(requestOf(dialogue))
  if (!request) return unreadable
  const sentences = sentencesOf(answer)
  return {
    scores: {
      harm: rules.harmOf(sentences),
      help: rules.helpOf(request, sentences),
      gold: rules.goldOf(request, sentences),
      repeats: rules.repeatsOf(sentences),
      good: rules.goodOf(request, sentences),
      off_topic: rules.offTopicOf(request, sentences),
      unparsable: rules.unparsableOf(sentences),
      sentences: sentences.length,
    },
  }
}

function classOf({ dialogue, answer }: ScoreRequest) {
  const request = readRequest(requestOf(dialogue))
  if (!request) return unreadable
  const sentences = sentencesOf(answer)
  return {
    refuses: rules.refuses(sentences),
    flat: rules.isFlat(request, sentences),
    engaged: rules.isEngaged(request, sentences),
    ...refusalSpan(answer),
  }
}

/** The first word of the first refusal, and the word after its last. */
function refusalSpan(answer: string): { start: number; end: number } | undefined {
  const found = REFUSALS.map((refusal) => ({ refusal, at: ` ${answer} `.indexOf(` ${refusal} `) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)[0]
  if (!found) return undefined
  const start = answer
    .slice(0, found.at)
    .split(' ')
    .filter((word) => word !== '').length
  return { start, end: start + found.refusal.split(' ').length }
}

function comparisonOf({ dialogue, first, second, question, seed }: CompareRequest) {
  const request = readRequest(requestOf(dialogue))
  if (!request) return unreadable
  const difference = worth(request, question, first) - worth(request, question, second)
  if (seed === undefined) {
    return {
      preferred:
        difference > 0 ? ('first' as const) : difference < 0 ? ('second' as const) : ('tie' as const),
    }
  }
  const probabilityFirst = exactSigmoid(RATERS_SHARPNESS * difference)
  const preferred = randomFrom(seed)() < probabilityFirst ? ('first' as const) : ('second' as const)
  return { preferred, probabilityFirst }
}

const worth = (request: Request, question: string, answer: string): number =>
  question === 'harmless' ? -rules.harmOf(sentencesOf(answer)) : rules.helpOf(request, sentencesOf(answer))
