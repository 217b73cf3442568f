import { exactExp } from '../../../events/exact-math.ts'
import type {
  Answered,
  Choice,
  Chosen,
  EmbedRequest,
  Failure,
  Generated,
  GenerateRequest,
  Policy,
} from '../../api.ts'
import { POCKET_SHAPE } from './lm/pocket-shape.ts'
import type { ReadItem } from './lm/reader.ts'
import type { Sampled, SampleGroup } from './lm/sampler.ts'
import { answered, choicePrompt, promptOf, STOPS, withoutStop } from './rendering.ts'
import type { Studio } from './studio.ts'
import type { SharedWeights } from './workers/jobs.ts'
import { decode, tokenOf } from './world/vocabulary.ts'

/** Continuations of one prompt that are read together; more would keep a second thread waiting. */
const GROUP_MAX = 16
/** Below this probability of both choices together, the model was not choosing. */
const MASS_MIN = 0.1

const tooLong: Failure = { failed: 'prompt_too_long' }

/** The pocket model at certain weights, behind the port. */
export function pocketPolicy(studio: Studio, weights: SharedWeights): Policy {
  return {
    async *generate(requests, signal) {
      const { groups, members, failures } = groupRequests(requests)
      yield* failures
      for await (const sampled of studio.sample(weights, groups, signal)) {
        yield { index: members[sampled.group]?.[sampled.member] as number, answer: generatedOf(sampled) }
      }
    },
    async *choose(requests, signal) {
      const { items, places, failures } = readable(requests, choiceItem)
      yield* failures
      for await (const { index, result } of studio.read(weights, items, signal)) {
        const [first = 0, second = 0] = result.candidates ?? []
        yield { index: places[index] as number, answer: chosenOf(first, second) }
      }
    },
    async *embed(requests, signal) {
      const { items, places, failures } = readable(requests, embedItem)
      yield* failures
      for await (const { index, result } of studio.read(weights, items, signal)) {
        yield { index: places[index] as number, answer: { features: result.features as Float32Array } }
      }
    },
  }
}

/** Requests of the same prompt and settings share one reading of the prompt. */
function groupRequests(requests: readonly GenerateRequest[]): {
  readonly groups: readonly SampleGroup[]
  /** For each group the requests that its members answer. */
  readonly members: readonly (readonly number[])[]
  readonly failures: readonly Answered<Generated>[]
} {
  const open = new Map<string, { group: SampleGroup & { seeds: number[] }; members: number[] }>()
  const all: { group: SampleGroup; members: number[] }[] = []
  const failures: Answered<Generated>[] = []
  requests.forEach((request, index) => {
    const { act, seed, temperature, maxTokens } = request
    const prompt = promptOf(act)
    if (prompt.length >= POCKET_SHAPE.context) {
      failures.push({ index, answer: tooLong })
      return
    }
    const key = `${temperature} ${maxTokens} ${prompt.join()}`
    let entry = open.get(key)
    if (!entry || entry.members.length === GROUP_MAX) {
      entry = { group: { prompt, seeds: [], temperature, maxTokens, stops: STOPS }, members: [] }
      open.set(key, entry)
      all.push(entry)
    }
    entry.group.seeds.push(seed)
    entry.members.push(index)
  })
  return { groups: all.map(({ group }) => group), members: all.map(({ members }) => members), failures }
}

/** The text of a sample, or its failure where the model stopped at once. */
function generatedOf({ tokens, stopped }: Sampled): Generated | Failure {
  const text = decode(withoutStop(tokens))
  if (text === '') return { failed: 'empty' }
  return { text, tokens: tokens.length, finish: stopped ? 'stop' : 'length' }
}

function chosenOf(first: number, second: number): Chosen | Failure {
  const mass = exactExp(first) + exactExp(second)
  return mass < MASS_MIN ? { failed: 'no_mass_on_choices', mass } : { first, second }
}

const choiceItem = (choice: Choice): ReadItem => ({
  tokens: choicePrompt(choice),
  candidates: [tokenOf('first'), tokenOf('second')],
})

function embedItem(request: EmbedRequest): ReadItem {
  const { tokens, from } = answered(request)
  return { tokens, featuresFrom: from }
}

/** Items of the requests that fit into the context, and failures of the others. */
function readable<R>(
  requests: readonly R[],
  itemOf: (request: R) => ReadItem,
): {
  readonly items: readonly ReadItem[]
  readonly places: readonly number[]
  readonly failures: readonly { readonly index: number; readonly answer: Failure }[]
} {
  const all = requests.map((request, index) => ({ index, item: itemOf(request) }))
  const fits = ({ item }: { item: ReadItem }): boolean => item.tokens.length <= POCKET_SHAPE.context
  const fitting = all.filter(fits)
  return {
    items: fitting.map(({ item }) => item),
    places: fitting.map(({ index }) => index),
    failures: all.filter((one) => !fits(one)).map(({ index }) => ({ index, answer: tooLong })),
  }
}
