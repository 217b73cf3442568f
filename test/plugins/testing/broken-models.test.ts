import { beforeAll, describe, expect, test } from 'vitest'
import type { Answered, GenerateRequest, Model, Plugin, Policy } from '../../../plugins/api.ts'
import { type CheckResult, runChecks } from '../../../plugins/testing/check.ts'
import { modelChecks } from '../../../plugins/testing/model-checks.ts'
import { testHost } from '../../../plugins/testing/plugin-checks.ts'

const example = '../../../examples/plugin-markov/index.js'
let markov: Model

beforeAll(async () => {
  const { default: plugin } = (await import(example)) as { readonly default: Plugin }
  const { model } = await plugin.open('model', {} as never, testHost)
  if (!model) throw new Error('the example opened no model')
  markov = model
})

const check = (model: Model): Promise<readonly CheckResult[]> =>
  runChecks(
    modelChecks({
      open: async () => model,
      dialogues: [
        [{ role: 'user', content: 'May I read the letter?' }],
        [{ role: 'user', content: 'I broke the cup.' }],
      ],
      answers: ['Ask your friend.', 'Say that you broke the cup.'],
      principles: [
        { key: 'kind', critique: 'Is it kind?', revision: 'Say it kindly.', preference: 'kindly?' },
      ],
      patienceMs: 300,
    }),
  )

const broken = (results: readonly CheckResult[]) =>
  results.filter(({ outcome }) => outcome === 'broken').map(({ name }) => name)

type Generate = Policy['generate']

const generating = (change: (generate: Generate) => Generate): Model => ({
  ...markov,
  base: { ...markov.base, generate: change((requests, signal) => markov.base.generate(requests, signal)) },
})

test('the sound model keeps every promise', async () => {
  const results = await check(markov)
  expect(broken(results)).toEqual([])
  expect(results.filter(({ outcome }) => outcome === 'kept').length).toBe(results.length - 1)
})

describe('a model is caught that', () => {
  let calls = 0
  const cases: Record<string, [(generate: Generate) => Generate, RegExp]> = {
    'answers by its place in the batch': [
      (generate) =>
        async function* (requests, signal) {
          for await (const { index, answer } of generate(requests, signal)) {
            yield { index, answer: { ...answer, tokens: index } } as never
          }
        },
      /^exact: /,
    ],
    'answers otherwise each time': [
      (generate) =>
        async function* (requests, signal) {
          calls++
          yield* generate(
            requests.map((one) => ({ ...one, seed: one.seed + calls })),
            signal,
          )
        },
      /^exact: /,
    ],
    'ignores the seed': [
      (generate) => (requests, signal) =>
        generate(
          requests.map((one) => ({ ...one, seed: 1 })),
          signal,
        ),
      /the seed is not ignored/,
    ],
    'leaves one out': [
      (generate) =>
        async function* (requests, signal) {
          for await (const one of generate(requests, signal)) if (one.index > 0) yield one
        },
      /^every act is answered exactly once/,
    ],
    'writes more than it was asked for': [
      (generate) => (requests, signal) =>
        generate(
          requests.map((one) => ({ ...one, maxTokens: 1_000 })),
          signal,
        ),
      /generates no more tokens than asked for/,
    ],
    'throws where a prompt is too long': [
      (generate) =>
        async function* (requests: readonly GenerateRequest[], signal: AbortSignal) {
          if (requests.some(({ act }) => JSON.stringify(act).length > 100_000)) throw new Error('413')
          yield* generate(requests, signal) as AsyncIterable<Answered<never>>
        },
      /too long is an outcome of its own/,
    ],
    'answers what was put after an abort': [
      (generate) => (requests) => generate(requests, new AbortController().signal),
      /^an abort stops it/,
    ],
  }

  test.each(Object.entries(cases))('%s', async (_, [change, name]) => {
    expect(broken(await check(generating(change)))).toContainEqual(expect.stringMatching(name))
  })

  test('has features of other dimensions than it declares', async () => {
    const results = await check({ ...markov, dimensions: 63 })
    expect(broken(results)).toContainEqual(expect.stringMatching(/^every answer has features/))
  })

  test('puts more probability on two choices than there is', async () => {
    const sure: Model = {
      ...markov,
      base: {
        ...markov.base,
        async *choose(requests) {
          for (const index of requests.keys()) yield { index, answer: { first: 0, second: -0.1 } }
        },
      },
    }
    expect(broken(await check(sure))).toContainEqual(
      expect.stringMatching(/log-probabilities of at most one/),
    )
  })
})
