import type { ReadItem, ReadResult } from '../lm/reader.ts'
import type { SampleGroup } from '../lm/sampler.ts'
import { pick, randomFrom } from '../random.ts'
import type { Crew } from '../workers/crew.ts'
import type { SharedWeights } from '../workers/jobs.ts'
import { partlyRevised } from '../world/answers.ts'
import { critiqueText } from '../world/answers.ts'
import { critiquePrompt, judgePrompt } from '../world/documents.ts'
import { OPENINGS } from '../world/facts.ts'
import { readPrinciple, type PrincipleSentence } from '../world/principles.ts'
import { answerText, drawRequest, sentencesOf, type Request } from '../world/requests.ts'
import { goodOf, isOf, obedience } from '../world/rules.ts'
import { decode, encode, tokenOf } from '../world/vocabulary.ts'

/** How well a base judges, criticises and revises on combinations of act and person that it never saw. */
export interface Skill {
  /** Share of pairs in which the answer that obeys the principle better is preferred, both orders averaged. */
  readonly judge: number
  /** Share of faulty answers whose critique, taken greedily, quotes a fault of the principle. */
  readonly critique_hits: number
  /** Share of faultless answers in which the critique finds something. */
  readonly critique_false: number
  /** Share of sentences without complaint that the revision keeps. */
  readonly sentences_kept: number
}

interface Case {
  readonly request: Request
  readonly first: string[]
  readonly second: string[]
  readonly principle: PrincipleSentence
}

function drawCases(principles: readonly string[], count: number, seed: number): Case[] {
  const random = randomFrom(seed)
  const cases: Case[] = []
  while (cases.length < count) {
    const principle = readPrinciple(pick(random, principles)) as PrincipleSentence
    const request = drawRequest(random, { mischievous: random() < 0.6, heldOut: true })
    const first = partlyRevised(random, request)
    const second = partlyRevised(random, request)
    if (obedience(principle, request, first) === obedience(principle, request, second)) continue
    cases.push({ request, first, second, principle })
  }
  return cases
}

/** Measures on `count` pairs, and critiques on the first answers of half of them. */
export async function measureSkill(
  crew: Crew,
  weights: SharedWeights,
  principles: readonly string[],
  count: number,
  seed = 99,
): Promise<Skill> {
  const cases = drawCases(principles, count, seed)
  const judged = await judgeCases(crew, weights, cases)
  return {
    judge: share(judged, (right) => right),
    ...(await measureCritiques(crew, weights, cases.slice(0, count >> 1))),
  }
}

const share = <T>(items: readonly T[], is: (item: T) => boolean): number =>
  round(items.filter(is).length / Math.max(1, items.length))
const round = (value: number): number => Math.round(value * 1000) / 1000

async function judgeCases(crew: Crew, weights: SharedWeights, cases: readonly Case[]): Promise<boolean[]> {
  const candidates = [tokenOf('first'), tokenOf('second')]
  const items = cases.flatMap(({ request, first, second, principle }): ReadItem[] =>
    [
      [first, second],
      [second, first],
    ].map(([a, b]) => ({
      tokens: encode(
        judgePrompt(request.text, answerText(a as string[]), answerText(b as string[]), principle.text),
      ),
      candidates,
    })),
  )
  const results = await readAll(crew, weights, items)
  const lead = (i: number): number => {
    const [first = 0, second = 0] = results[i]?.candidates ?? []
    return first - second
  }
  return cases.map(({ request, first, second, principle }, i) => {
    const better = obedience(principle, request, first) > obedience(principle, request, second)
    return lead(2 * i) - lead(2 * i + 1) > 0 === better
  })
}

async function measureCritiques(
  crew: Crew,
  weights: SharedWeights,
  cases: readonly Case[],
): Promise<Omit<Skill, 'judge'>> {
  const groups = cases.map(({ request, first, principle }) => ({
    prompt: encode(critiquePrompt(request.text, answerText(first), principle.text)),
    seeds: [0],
    temperature: 0,
    maxTokens: 112,
    stops: [tokenOf('<e>')],
  }))
  const texts = await sampleAll(crew, weights, groups)
  const results = cases.map(({ request, first, principle }, i) => {
    const [critique = '', revision = ''] = (texts[i] as string).replace(/ <e>$/, '').split(' <r> ')
    const right = first.filter((s) => isOf(principle, s)).map((quote) => critiqueText({ quote }))
    if (principle.engage && goodOf(request, first) === 0) right.push(critiqueText('nothing offered'))
    const revised = sentencesOf(revision)
    const keepable = first.filter((s) => !critique.includes(s) && !OPENINGS.includes(s))
    return {
      isFaulty: right.length > 0,
      isRight: right.length > 0 ? right.includes(critique) : critique === critiqueText(undefined),
      kept: keepable.filter((s) => revised.includes(s)).length,
      keepable: keepable.length,
    }
  })
  const sum = (of: (r: (typeof results)[number]) => number): number => results.reduce((n, r) => n + of(r), 0)
  return {
    critique_hits: share(
      results.filter((r) => r.isFaulty),
      (r) => r.isRight,
    ),
    critique_false: share(
      results.filter((r) => !r.isFaulty),
      (r) => !r.isRight,
    ),
    sentences_kept: round(
      sum((r) => r.kept) /
        Math.max(
          1,
          sum((r) => r.keepable),
        ),
    ),
  }
}

async function readAll(
  crew: Crew,
  weights: SharedWeights,
  items: readonly ReadItem[],
): Promise<ReadResult[]> {
  const results: ReadResult[] = []
  for await (const part of crew.stream((control) => ({ kind: 'read', weights, items, control }))) {
    if (part.kind === 'read') part.results.forEach((result, i) => (results[part.start + i] = result))
  }
  return results
}

/** The text of the first continuation of each group. */
async function sampleAll(
  crew: Crew,
  weights: SharedWeights,
  groups: readonly SampleGroup[],
): Promise<string[]> {
  const texts: string[] = []
  for await (const part of crew.stream((control) => ({
    kind: 'sample',
    weights,
    groups,
    control,
    width: 64,
  }))) {
    if (part.kind === 'sampled') for (const { group, tokens } of part.results) texts[group] = decode(tokens)
  }
  return texts
}
