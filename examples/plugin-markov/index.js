import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as z from 'zod'
import { chainOf, sentenceOf, wordsOf, write } from './chain.js'

/** Raise this when the same request may be answered otherwise than before: memos then ask again. */
const behaviour = 1

const dimensions = 64
const mostPromptCharacters = 100_000

const options = z.strictObject({
  text: z.string().min(1).optional().describe('a text file to learn from, relative to the run file'),
})

/**
 * A Markov chain as a model. It writes sentences, compares answers by the words that they share with a principle, and
 * counts words as features: too simple to align, and small enough to read in one sitting.
 *
 * @type {import('hansard').Plugin}
 */
const plugin = {
  manifest: { name: 'hansard-plugin-markov', version: '1.0.0', api: 1, provides: ['model'] },
  options,
  async open(_port, { text }, host) {
    const file = text === undefined ? new URL('corpus.txt', import.meta.url) : resolve(host.folder, text)
    return { model: modelOf(await readFile(file, 'utf8')) }
  },
}

export default plugin

const sha256 = (text) => createHash('sha256').update(text).digest('hex')

const modelOf = (text) => {
  const chain = chainOf(text)
  const weights = sha256(text)
  return {
    by: { plugin: 'hansard-plugin-markov', behaviour: sha256(`${behaviour} ${weights}`) },
    name: 'markov chain of two words',
    determinism: 'exact',
    weights,
    identity: { behaviour, text_sha256: weights },
    templates: [],
    principleFields: ['critique', 'revision', 'preference'],
    reasons: false,
    pooling: 'word_counts',
    dimensions,
    batch: 64,
    checkPrinciples() {},
    base: {
      generate: (requests, signal) => oneByOne(requests, signal, (request) => generate(chain, request)),
      choose: (requests, signal) => oneByOne(requests, signal, choose),
      embed: (requests, signal) => oneByOne(requests, signal, embed),
    },
    at() {
      throw new Error('a Markov chain is not trained further')
    },
    async close() {},
  }
}

/** Answers requests as they come to hand; stops as soon as the host says so. */
async function* oneByOne(requests, signal, answer) {
  for (const [index, request] of requests.entries()) {
    signal.throwIfAborted()
    yield { index, answer: answer(request) }
  }
}

const lastWords = (dialogue) => dialogue.at(-1)?.content ?? ''

/** The text that an act goes on from. */
const beginningOf = (act) => {
  switch (act.act) {
    case 'prompt':
      return act.examples.at(-1) ?? ''
    case 'respond':
      return lastWords(act.dialogue)
    case 'critique':
      return 'The answer is'
    case 'revise':
      return act.principle.revision ?? ''
    default:
      return ''
  }
}

const generate = (chain, { act, seed, temperature, maxTokens }) => {
  const before = beginningOf(act)
  if (before.length > mostPromptCharacters) return { failed: 'prompt_too_long' }
  const words = write(chain, wordsOf(before), { seed, greedy: temperature === 0, most: maxTokens })
  const whole = act.act === 'critique' ? [...wordsOf(before), ...words] : words
  return {
    text: sentenceOf(whole),
    tokens: words.length,
    finish: /[.!?]/.test(words.at(-1)) ? 'stop' : 'length',
  }
}

/**
 * Natural logarithms of the probabilities 0.1, 0.3, 0.5, 0.7 and 0.9. They stand here as numbers because Math.log may
 * round otherwise on another machine, and what is hashed must not.
 */
const logProbabilities = [
  -2.302585092994046, -1.2039728043259361, -0.6931471805599453, -0.35667494393873245, -0.10536051565782628,
]

/** The answer that shares more words with the principle is the likelier one. */
const choose = ({ answers, principle }) => {
  const asked = new Set(wordsOf(principle?.preference ?? 'kind fair true'))
  const [first, second] = answers.map((answer) => wordsOf(answer).filter((word) => asked.has(word)).length)
  const step = 2 + Math.max(-2, Math.min(2, first - second))
  return { first: logProbabilities[step], second: logProbabilities[4 - step] }
}

/** How often words come, by their digests’ first byte: a small hashed bag of words. */
const embed = ({ answer }) => {
  const features = new Float32Array(dimensions)
  for (const word of wordsOf(answer))
    features[Number.parseInt(sha256(word).slice(0, 2), 16) % dimensions] += 1
  return { features }
}
