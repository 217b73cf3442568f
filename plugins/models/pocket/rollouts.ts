import type { RolloutRequest } from '../../api.ts'
import type { ReadItem } from './lm/reader.ts'
import type { SampleGroup } from './lm/sampler.ts'
import { answered, promptOf, STOPS, withoutStop } from './rendering.ts'
import type { Studio } from './studio.ts'
import type { SharedWeights } from './workers/jobs.ts'
import { decode } from './world/vocabulary.ts'

/** Rollouts of one prompt that are read together. */
const GROUP_MAX = 32

/** An answer that was drawn for training, with what the reference and the trunk say of it. */
export interface Rollout {
  readonly id: string
  readonly text: string
  readonly finish: 'stop' | 'length'
  /** Prompt and answer, the stop mark included. */
  readonly tokens: Int32Array
  readonly from: number
  readonly logProbs: Float32Array
  readonly reference: Float32Array
  readonly features: Float32Array
}

interface Drawn {
  readonly tokens: Int32Array
  readonly logProbs: Float32Array
}

/**
 * Draws what was not recorded before, then reads everything once by the reference and once by the trunk, or
 * once for both where they are the same weights and the answer ends as texts do.
 */
export async function drawRollouts(
  studio: Studio,
  weights: {
    readonly policy: SharedWeights
    readonly reference: SharedWeights
    readonly trunk: SharedWeights
  },
  requests: readonly RolloutRequest[],
  settings: { readonly temperature: number; readonly maxTokens: number },
  signal: AbortSignal,
): Promise<Rollout[]> {
  const prompts = requests.map(({ dialogue }) => promptOf({ act: 'respond', dialogue }))
  const drawn = await draw(studio, weights.policy, requests, prompts, settings, signal)
  const unread = drawn.map(({ tokens, logProbs }, i) => {
    const { id, dialogue } = requests[i] as RolloutRequest
    const prompt = prompts[i] as Int32Array
    const ended = withoutStop(tokens)
    const text = decode(ended)
    const finish = ended.length < tokens.length ? ('stop' as const) : ('length' as const)
    const whole = Int32Array.from([...prompt, ...tokens])
    return {
      id,
      text,
      finish,
      tokens: whole,
      from: prompt.length,
      logProbs,
      asText: answered({ dialogue, answer: text }),
    }
  })
  const isShared = weights.reference.key === weights.trunk.key
  const logProbItems = unread.map(({ tokens, from, asText }): ReadItem => ({
    tokens,
    logProbsFrom: from,
    ...(isShared && sameTokens(tokens, asText.tokens) && { featuresFrom: asText.from }),
  }))
  const references = await studio.readAll(weights.reference, logProbItems, signal)
  const rest = unread.flatMap(({ asText }, i) => (references[i]?.features ? [] : [{ i, asText }]))
  const featureItems = rest.map(({ asText }): ReadItem => ({
    tokens: asText.tokens,
    featuresFrom: asText.from,
  }))
  const read = await studio.readAll(weights.trunk, featureItems, signal)
  const others = new Map(rest.map(({ i }, k) => [i, read[k]?.features as Float32Array]))
  return unread.map(({ id, text, finish, tokens, from, logProbs }, i) => ({
    id,
    text,
    finish,
    tokens,
    from,
    logProbs,
    reference: references[i]?.logProbs as Float32Array,
    features: references[i]?.features ?? (others.get(i) as Float32Array),
  }))
}

/** Tokens and log-probabilities of each rollout: the recorded ones, or drawn now; a group reads its prompt once. */
async function draw(
  studio: Studio,
  policy: SharedWeights,
  requests: readonly RolloutRequest[],
  prompts: readonly Int32Array[],
  settings: { readonly temperature: number; readonly maxTokens: number },
  signal: AbortSignal,
): Promise<Drawn[]> {
  const drawn: Drawn[] = []
  const open = new Map<number, { group: SampleGroup & { seeds: number[] }; members: number[] }>()
  const all: { readonly group: SampleGroup; readonly members: readonly number[] }[] = []
  requests.forEach(({ group, seed, recorded }, i) => {
    if (recorded) {
      drawn[i] = { tokens: Int32Array.from(recorded.tokenIds), logProbs: recorded.logprobs }
      return
    }
    let entry = open.get(group)
    if (!entry || entry.members.length === GROUP_MAX) {
      entry = {
        group: { prompt: prompts[i] as Int32Array, seeds: [], ...settings, stops: STOPS },
        members: [],
      }
      open.set(group, entry)
      all.push(entry)
    }
    entry.group.seeds.push(seed)
    entry.members.push(i)
  })
  const sampled = studio.sample(
    policy,
    all.map(({ group }) => group),
    signal,
  )
  for await (const { group, member, tokens, logProbs } of sampled) {
    drawn[all[group]?.members[member] as number] = { tokens, logProbs }
  }
  return drawn
}

const sameTokens = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((token, i) => token === b[i])
