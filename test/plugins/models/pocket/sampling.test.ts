import { expect, test } from 'vitest'
import { Kernel } from '../../../../plugins/models/pocket/kernel/kernel.ts'
import { loadWeights, reserveWeights } from '../../../../plugins/models/pocket/lm/loaded-weights.ts'
import { Passes } from '../../../../plugins/models/pocket/lm/passes.ts'
import { readItems, type ReadItem } from '../../../../plugins/models/pocket/lm/reader.ts'
import {
  Sampler,
  SLOTS,
  type Sampled,
  type SampleGroup,
} from '../../../../plugins/models/pocket/lm/sampler.ts'
import { layoutOf } from '../../../../plugins/models/pocket/lm/shape.ts'
import { initialWeights } from '../../../../plugins/models/pocket/lm/weights.ts'
import { integerBelow, randomFrom } from '../../../../plugins/models/pocket/random.ts'

const layout = layoutOf({ vocabulary: 48, width: 32, layers: 2, heads: 2, context: 40 })
const kernel = new Kernel()
const passes = new Passes(kernel, layout, 128)
const weights = reserveWeights(kernel, layout)
loadWeights(kernel, weights, initialWeights(layout, 5), false)
const sampler = new Sampler(passes)
const random = randomFrom(6)

const tokens = (count: number): Int32Array =>
  Int32Array.from({ length: count }, () => 1 + integerBelow(random, 46))
const stops = [3, 7]
const group = (promptTokens: number, seeds: readonly number[], temperature = 1): SampleGroup => ({
  prompt: tokens(promptTokens),
  seeds,
  temperature,
  maxTokens: 25,
  stops,
})

function sample(groups: readonly SampleGroup[], width = SLOTS): Map<string, Sampled> {
  let index = 0
  const next = () => {
    const found = groups[index]
    return found && { index: index++, group: found }
  }
  const found = [...sampler.run(weights, next, width)].flat()
  return new Map(found.map((result) => [`${result.group}.${result.member}`, result]))
}

const groups = Array.from({ length: 30 }, (_, i) =>
  group(
    1 + (i % 17),
    Array.from({ length: 1 + (i % 5) }, (__, j) => 100 * i + j),
    i % 4 === 3 ? 0.7 : 1,
  ),
)

test('a sample has the same bits alone as in company that comes and goes', () => {
  const together = sample(groups)
  const narrow = sample(groups, 6)
  groups.forEach((one, i) =>
    one.seeds.forEach((seed, j) => {
      const alone = sample([{ ...one, seeds: [seed] }]).get('0.0') as Sampled
      for (const other of [together.get(`${i}.${j}`), narrow.get(`${i}.${j}`)]) {
        expect(other?.tokens).toEqual(alone.tokens)
        expect(other?.logProbs).toEqual(alone.logProbs)
        expect(other?.stopped).toBe(alone.stopped)
      }
    }),
  )
})

test('the log-probabilities of sampling are those of reading the text, bit for bit', () => {
  const warm = groups.map((one) => ({ ...one, temperature: 1 }))
  for (const result of sample(warm).values()) {
    const { prompt } = warm[result.group] as SampleGroup
    const text = Int32Array.from([...prompt, ...result.tokens])
    const [read] = readItems(passes, weights, [{ tokens: text, logProbsFrom: prompt.length }])
    expect(read?.logProbs).toEqual(result.logProbs)
  }
})

test('sampling ends at a stop mark, at its limit or at the end of the context', () => {
  const results = [...sample([...groups, group(35, [1, 2, 3, 4])]).values()]
  for (const result of results) {
    const { prompt } = (groups[result.group] ?? { prompt: tokens(35) }) as SampleGroup
    expect(result.tokens.subarray(0, -1).some((token) => stops.includes(token))).toBe(false)
    expect(result.stopped).toBe(stops.includes(result.tokens.at(-1) as number))
    if (!result.stopped) expect(Math.min(25, 40 - prompt.length)).toBe(result.tokens.length)
  }
})

test('seeds differ, and temperature 0 takes the likeliest token whatever the seed', () => {
  const one = group(4, [1, 2, 3])
  const warm = sample([one])
  expect(new Set([...warm.values()].map((result) => result.tokens.join())).size).toBe(3)
  const cold = sample([{ ...one, temperature: 0 }])
  expect(new Set([...cold.values()].map((result) => result.tokens.join())).size).toBe(1)
})

test('draws follow the probabilities that they report', () => {
  const seeds = Array.from({ length: 4000 }, (_, seed) => seed)
  const one = { ...group(5, []), maxTokens: 1 }
  const counts = new Map<number, { drawn: number; probability: number }>()
  for (let at = 0; at < seeds.length; at += SLOTS) {
    for (const { tokens: drawn, logProbs } of sample([
      { ...one, seeds: seeds.slice(at, at + SLOTS) },
    ]).values()) {
      const token = drawn[0] as number
      const entry = counts.get(token) ?? { drawn: 0, probability: Math.exp(logProbs[0] as number) }
      counts.set(token, { ...entry, drawn: entry.drawn + 1 })
    }
  }
  for (const { drawn, probability } of counts.values()) {
    const expected = 4000 * probability
    expect(Math.abs(drawn - expected)).toBeLessThan(4.5 * Math.sqrt(expected) + 1)
  }
})

test('features, log-probabilities and choices do not depend on the batch', () => {
  const items = Array.from({ length: 9 }, (_, i): ReadItem => ({
    tokens: tokens(3 + 2 * i),
    featuresFrom: 1 + (i % 3),
    logProbsFrom: 2,
    candidates: [4, 5],
  }))
  const together = readItems(passes, weights, items.slice(0, 7))
  items.slice(0, 7).forEach((item, i) => expect(readItems(passes, weights, [item])[0]).toEqual(together[i]))
})

test('the mean of the hidden states covers the tokens from the given one on', () => {
  const text = tokens(9)
  const { width } = layout.shape
  const [read] = readItems(passes, weights, [{ tokens: text, featuresFrom: 6 }])
  const hidden = kernel.floats(passes.hidden, 9 * width)
  for (let j = 0; j < width; j++) {
    const mean = [6, 7, 8].reduce((sum, t) => sum + (hidden[t * width + j] as number), 0) / 3
    expect(read?.features?.[j]).toBeCloseTo(mean, 5)
  }
})
