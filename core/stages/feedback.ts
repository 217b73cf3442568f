import type { EventId, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import { orderKey, seedOf } from '../../events/place.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'
import { numFrom, numOf } from '../../events/texts.ts'
import { feedbackReasoned, labelAssigned, pairFormed } from '../../events/vocabulary/feedback.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import {
  type Answered,
  type Choice,
  type Chosen,
  type Failure,
  isFailure,
  type Policy,
} from '../../plugins/api.ts'
import { ask } from '../ask.ts'
import { ascendingBy, cycled, Occurrences } from '../places.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { lastWords, type PromptItem, promptsOfSet, succeeded } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Settings } from '../settings.ts'
import type { Stage } from '../stage.ts'
import { drawSamples, writtenOut } from './draw-samples.ts'
import type { Prompts } from './prompts.ts'
import type { Published } from './publish.ts'

/** Labels of one kind, as a set; undefined where there are none. */
export interface Labels {
  readonly labels: EventId | undefined
}

/** A pair at work: its event, its prompt, and both answers in the order of the pair. */
export interface Pair {
  readonly event: Recorded
  readonly prompt: PromptItem
  /** Which of the pairs on this text it is. */
  readonly i: number
  readonly samples: readonly [Recorded, Recorded]
  readonly texts: readonly [string, string]
}

type FeedbackSettings = Exclude<Settings['feedback'], false>

/** Prompts for `count` acts: the list, ordered by the places' digests, gone through as often as needed. */
export const promptsFor = (
  runSeed: number,
  stage: string,
  prompts: readonly PromptItem[],
  count: number,
): readonly PromptItem[] => {
  if (prompts.length === 0) return []
  const ordered = ascendingBy(prompts, ({ subject, i }) => orderKey(runSeed, stage, subject, 0, i))
  return Array.from({ length: count }, (_, n) => cycled(ordered, n))
}

export interface PairWanted {
  readonly prompt: PromptItem
  /** Policy and temperature of the first answer and of the second. */
  readonly by: readonly [PolicyRef, PolicyRef]
  readonly temperatures: readonly [number, number]
}

/**
 * Draws two answers to each prompt and puts them side by side. A pair with a failed answer is not formed.
 * @param occurrences of the stage: which pair on its text each one is
 */
export const formPairs = async (
  stage: Stage,
  wanted: readonly PairWanted[],
  maxTokens: number,
  occurrences: Occurrences,
  progress: { readonly before?: number; readonly total?: number } = {},
): Promise<readonly Pair[]> => {
  const places = wanted.map(({ prompt }) => occurrences.next(prompt.subject))
  const samples = await drawSamples(
    stage,
    wanted.flatMap(({ prompt, by, temperatures }, n) =>
      ([0, 1] as const).map((side) => ({
        prompt,
        policy: by[side],
        i: 2 * places[n]! + side,
        temperature: temperatures[side],
        maxTokens,
      })),
    ),
    progress,
  )
  const sides = wanted.map((_, n) => [samples[2 * n]!, samples[2 * n + 1]!] as const)
  return pairsOf(
    stage,
    sides.flatMap((both, n) =>
      both.every(succeeded) ? [{ prompt: wanted[n]!.prompt, i: places[n]!, samples: both }] : [],
    ),
  )
}

export const pairsOf = async (
  stage: Stage,
  sides: readonly {
    readonly prompt: PromptItem
    readonly i: number
    readonly samples: readonly [Recorded, Recorded]
  }[],
): Promise<readonly Pair[]> => {
  const events = await stage.state(
    pairFormed,
    sides.map(({ prompt, i, samples }) => ({
      by: hansardBy,
      params: {},
      parents: [
        { role: 'prompt', id: prompt.id },
        { role: 'sample', id: samples[0].id },
        { role: 'sample', id: samples[1].id },
      ],
      draw: { subject: prompt.subject, round: 0, i },
      out: { status: 'ok' as const },
    })),
  )
  const texts = await stage.run.texts.of(sides.flatMap(({ samples }) => samples))
  return sides.map((side, n) => ({
    ...side,
    event: events[n]!,
    texts: [texts[2 * n]!, texts[2 * n + 1]!] as const,
  }))
}

/** One label wanted: a pair under one principle. */
interface LabelWanted {
  readonly pair: Pair
  readonly key: string
}

/**
 * Section 4.1 of the paper: the feedback model compares the answers of each pair under a principle drawn for it (or
 * under every one, as an ensemble), in both orders. What is recorded is the raw evidence, both log-probabilities.
 */
export const labelPairs = async (
  stage: Stage,
  published: Published,
  prompts: Prompts,
  policy: PolicyRef,
): Promise<Labels> => {
  const { run } = stage
  const settings = run.settings.feedback
  if (settings === false || prompts.redTeam === undefined) return { labels: undefined }
  const redTeam = await promptsOfSet(run, prompts.redTeam)
  const keys = published.principles.map(({ key }) => key)
  const labelsEach = settings.principles === 'ensemble' ? keys.length : 1
  const total = settings.pairs * (2 + labelsEach)
  const wanted = promptsFor(run.seed, 'feedback', redTeam, settings.pairs)
  const wave = Math.max(1, run.cast.model.batch)
  const occurrences = new Occurrences()
  const labels: Recorded[] = []
  for (let start = 0; start < wanted.length; start += wave) {
    const part = wanted.slice(start, start + wave)
    const done = start * (2 + labelsEach)
    const pairs = await formPairs(
      stage,
      part.map((prompt) => ({
        prompt,
        by: [policy, policy],
        temperatures: [settings.temperature, settings.temperature],
      })),
      settings.max_tokens,
      occurrences,
      { before: done, total },
    )
    const labelled = pairs.flatMap((pair): LabelWanted[] =>
      settings.principles === 'ensemble'
        ? keys.map((key) => ({ pair, key }))
        : [{ pair, key: drawPrinciple(run.seed, 'label', pair.prompt.subject, 0, pair.i, keys) }],
    )
    const before = done + 2 * part.length
    labels.push(
      ...(await labelPart(stage, published, settings, labelled, { before, total, first: start === 0 })),
    )
  }
  const good = labels.filter((label) => succeeded(label) || isUnasked(label))
  return {
    labels:
      good.length === 0
        ? undefined
        : await stage.form(
            'comparisons',
            good.map(({ id }) => id),
          ),
  }
}

const labelPart = async (
  stage: Stage,
  published: Published,
  settings: FeedbackSettings,
  part: readonly LabelWanted[],
  progress: { readonly before: number; readonly total: number; readonly first: boolean },
): Promise<readonly Recorded[]> => {
  const { run } = stage
  const { judge, constitution } = run.cast
  const policy = await openPolicy(run, { event: published.judge }, judge)
  const principleId = new Map(published.principles.map(({ key, id }) => [key, id]))
  const principleOf = new Map(constitution.principles.map((principle) => [principle.key, principle]))
  const reasons =
    settings.reasoning && judge.reasons ? await reasonAbout(stage, published, settings, part) : undefined

  const choice = ({ pair, key }: LabelWanted, k: number, order: 'ab' | 'ba'): Choice => {
    const [a, b] = pair.texts
    const reasoning = reasons?.get(`${k} ${order}`)?.text
    return {
      dialogue: pair.prompt.dialogue,
      answers: order === 'ab' ? [a, b] : [b, a],
      principle: principleOf.get(key),
      ...(reasoning === undefined ? {} : { reasoning }),
    }
  }
  let exhibited = !progress.first
  return ask(stage, {
    definition: labelAssigned,
    unit: 'samples and labels',
    model: true,
    before: progress.before,
    total: progress.total,
    asks: part.map((wanted, k) => ({
      question: {
        by: judge.by,
        params: { method: 'choice_logprobs', orders: settings.orders },
        parents: [
          { role: 'pair', id: wanted.pair.event.id },
          { role: 'policy', id: published.judge },
          { role: 'principle', id: principleId.get(wanted.key)! },
          ...settings.orders.flatMap((order) => {
            const reasoning = reasons?.get(`${k} ${order}`)
            return reasoning ? [{ role: 'reasoning', id: reasoning.id }] : []
          }),
        ],
        draw: { subject: wanted.pair.prompt.subject, round: 0, i: wanted.pair.i },
      },
      request: settings.orders.map((order) => choice(wanted, k, order)),
    })),
    put: (requests, signal) => chooseOrders(policy, requests, signal),
    given: (answers: OrdersChosen, k) => ({
      out: {
        orders: answers.orders.map(({ first, second }, o) => {
          const order = settings.orders[o]!
          const [a, b] = part[k]!.pair.samples
          const reasoning = reasons?.get(`${k} ${order}`)
          return {
            first: (order === 'ab' ? a : b).id,
            logprob_first_nats: numOf(first),
            logprob_second_nats: numOf(second),
            ...(reasoning ? { reasoning: reasoning.id } : {}),
          }
        }),
      },
    }),
    seen: (event, k) => {
      if (exhibited || !succeeded(event)) return
      exhibited = true
      exhibitLabel(stage, part[k]!, event)
    },
  })
}

interface OrdersChosen {
  readonly orders: readonly Chosen[]
}

/** Asks for all orders of each request; a request is answered once every order is, and failed as soon as one is. */
async function* chooseOrders(
  policy: Policy,
  requests: readonly (readonly Choice[])[],
  signal: AbortSignal,
): AsyncIterable<Answered<OrdersChosen>> {
  const flat = requests.flatMap((choices, index) =>
    choices.map((choice, order) => ({ choice, index, order })),
  )
  const chosen = requests.map((choices) => ({
    orders: Array.from<Chosen>({ length: choices.length }),
    missing: choices.length,
    failure: undefined as Failure | undefined,
  }))
  for await (const { index: at, answer, meta } of policy.choose(
    flat.map(({ choice }) => choice),
    signal,
  )) {
    const { index, order } = flat[at]!
    const state = chosen[index]!
    if (isFailure(answer)) state.failure ??= answer
    else state.orders[order] = answer
    if (--state.missing > 0) continue
    yield {
      index,
      answer: state.failure ?? { orders: state.orders },
      ...(meta === undefined ? {} : { meta }),
    }
  }
}

/** Chain of thought: the judge reasons about each order before it chooses. */
const reasonAbout = async (
  stage: Stage,
  published: Published,
  settings: FeedbackSettings,
  part: readonly LabelWanted[],
): Promise<ReadonlyMap<string, { readonly id: EventId; readonly text: string }>> => {
  const { run } = stage
  const { judge, constitution } = run.cast
  const policy = await openPolicy(run, { event: published.judge }, judge)
  const wanted = part.flatMap((label, k) => settings.orders.map((order) => ({ label, k, order })))
  const events = await ask(stage, {
    definition: feedbackReasoned,
    unit: 'reasonings',
    model: true,
    asks: wanted.map(({ label: { pair, key }, order }) => {
      const i = 2 * pair.i + (order === 'ab' ? 0 : 1)
      const seed = seedOf(run.seed, 'feedback.reasoned', pair.prompt.subject, 0, i)
      const [a, b] = pair.texts
      return {
        question: {
          by: judge.by,
          params: { temperature: 1, max_tokens: settings.reasoning_max_tokens, order },
          parents: [
            { role: 'pair', id: pair.event.id },
            { role: 'policy', id: published.judge },
            { role: 'principle', id: published.principles.find((one) => one.key === key)!.id },
          ],
          draw: { subject: pair.prompt.subject, round: 0, i, seed },
        },
        request: {
          act: {
            act: 'reason' as const,
            dialogue: pair.prompt.dialogue,
            answers: order === 'ab' ? ([a, b] as const) : ([b, a] as const),
            principle: constitution.principles.find((one) => one.key === key)!,
          },
          seed,
          temperature: 1,
          maxTokens: settings.reasoning_max_tokens,
        },
      }
    }),
    put: (requests, signal) => policy.generate(requests, signal),
    given: writtenOut,
  })
  const good = wanted.flatMap((one, n) => (succeeded(events[n]!) ? [{ ...one, event: events[n]! }] : []))
  const texts = await run.texts.of(good.map(({ event }) => event))
  return new Map(good.map(({ k, order, event }, n) => [`${k} ${order}`, { id: event.id, text: texts[n]! }]))
}

const exhibitLabel = (stage: Stage, { pair, key }: LabelWanted, label: Recorded): void => {
  const principle = stage.run.cast.constitution.principles.find((one) => one.key === key)
  const { orders = [] } = outcomeOf(labelAssigned, label.event)!
  stage.exhibit('the first label', [
    `prompt     ${lastWords(pair.prompt.dialogue)}`,
    `first      ${pair.texts[0]}`,
    `second     ${pair.texts[1]}`,
    `principle  ${key}: ${principle?.preference ?? ''}`,
    ...orders.map(({ first, logprob_first_nats, logprob_second_nats }) => {
      const straight = first === pair.samples[0].id
      const [a, b] = straight
        ? [logprob_first_nats, logprob_second_nats]
        : [logprob_second_nats, logprob_first_nats]
      return `${straight ? 'shown 1, 2' : 'shown 2, 1'} log p(first) ${numFrom(a).toFixed(3)} · log p(second) ${numFrom(b).toFixed(3)} nats`
    }),
  ])
}
