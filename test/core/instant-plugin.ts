import * as z from 'zod'
import { canonicalDigest, sha256Hex } from '../../events/canonical.ts'
import type { Json } from '../../events/event.ts'
import {
  type Answered,
  apiVersion,
  type CheckpointReport,
  type Failure,
  type Generated,
  type GenerateRequest,
  type Model,
  type Plugin,
  type Policy,
  type PromptSource,
  type Scorer,
  type StepReport,
  type Trainer,
  type Turn,
} from '../../plugins/api.ts'

/** A plugin that answers at once from hashes alone: the cost of a run without a model, and a run that tests can afford. */
const by = { plugin: 'instant', behaviour: canonicalDigest({ plugin: 'instant', behaviour: 1 }) }
const dimensions = 8
const bytesOf = (value: unknown): Buffer => Buffer.from(sha256Hex(JSON.stringify(value)), 'hex')
const words = ['kind', 'fair', 'true', 'plain', 'quiet', 'warm', 'brief', 'odd'] as const
const sentence = (value: unknown): string =>
  [...bytesOf(value).subarray(0, 5)].map((byte) => words[byte % words.length]).join(' ')

async function* each<R, A extends object>(
  requests: readonly R[],
  signal: AbortSignal,
  answer: (request: R) => A | Failure,
): AsyncIterable<Answered<A>> {
  for (const [index, request] of requests.entries()) {
    if (signal.aborted) return
    yield { index, answer: answer(request) }
  }
}

const policy = (weights: string): Policy => ({
  generate: (requests, signal) =>
    each<GenerateRequest, Generated>(requests, signal, (request) =>
      request.seed % 97 === 0
        ? { failed: 'empty' as const }
        : { text: sentence([weights, request]), tokens: 6, finish: 'stop' as const },
    ),
  choose: (requests, signal) =>
    each(requests, signal, (choice) => {
      if (process.env['INSTANT_BREAKS'] === 'choose') throw new Error('no more paper in the printer')
      const [a, b] = bytesOf([weights, choice])
      return { first: -(a! + 1) / 256, second: -(b! + 1) / 256 }
    }),
  embed: (requests, signal) =>
    each(requests, signal, (request) => ({ features: featuresOf(weights, request) })),
})

const featuresOf = (weights: string, request: unknown): Float32Array =>
  Float32Array.from(bytesOf([weights, request]).subarray(0, dimensions), (byte) => byte / 128 - 1)

const model: Model = {
  by,
  name: 'instant',
  determinism: 'exact',
  weights: null,
  identity: { words: words.length },
  templates: [],
  principleFields: ['critique'],
  reasons: true,
  pooling: 'hash',
  dimensions,
  batch: 500,
  checkPrinciples: () => {},
  base: policy('base'),
  at: async ({ bytes }) => policy(sha256Hex(bytes)),
  close: async () => {},
}

const next = (weights: string, step: number, items: Json): string => canonicalDigest([weights, step, items])
const bytes = (weights: string): Uint8Array => Buffer.from(weights)

const trainer: Trainer = {
  by,
  determinism: 'exact',
  settings: (_method, given) => ({ batch: 16, ...given }),
  weightsOf: async (start) => (start ? sha256Hex(start.bytes) : sha256Hex('base')),
  async *sft(job, signal): AsyncIterable<StepReport | CheckpointReport> {
    const batch = Number(job.settings['batch'])
    const steps = Math.ceil(job.count / batch)
    let weights = job.resume ? Buffer.from(job.resume.bytes).toString() : 'base'
    for (let step = (job.resume?.step ?? 0) + 1; step <= steps && !signal.aborted; step++) {
      const start = (step - 1) * batch
      const items = await job.items(start, Math.min(batch, job.count - start))
      weights = next(
        weights,
        step,
        items.map(({ answer }) => answer),
      )
      yield {
        kind: 'step',
        step,
        items: items.map(({ id }) => id),
        lossNats: 1 / step,
        learningRate: 0.1,
        gradientNorm: 1,
        tokens: items.length * 6,
        weights: sha256Hex(weights),
      }
      if (step % job.checkpointEvery === 0 || step === steps)
        yield { kind: 'checkpoint', step, bytes: bytes(weights), weights: sha256Hex(weights) }
    }
  },
  async *rl(job, host, signal): AsyncIterable<StepReport | CheckpointReport> {
    let weights = Buffer.from((job.resume ?? job.start).bytes).toString()
    for (let step = (job.resume?.step ?? 0) + 1; step <= job.steps && !signal.aborted; step++) {
      const requests = await host.prompts(step)
      const drawn = requests.map(({ id, dialogue, seed, recorded }) => {
        const text = recorded?.text ?? sentence([weights, dialogue, seed])
        return {
          id,
          text,
          finish: 'stop' as const,
          tokenIds: recorded?.tokenIds ?? Uint32Array.from([1, 2, 3]),
          logprobs: recorded?.logprobs ?? Float32Array.from([-1, -2, -0.5]),
          features: featuresOf('trunk', [dialogue, text]),
        }
      })
      const rewards = await host.score(step, drawn)
      const mean = rewards.reduce((sum, value) => sum + value, 0) / rewards.length
      weights = next(weights, step, [...rewards])
      yield {
        kind: 'step',
        step,
        items: requests.map(({ id }) => id),
        lossNats: -mean,
        learningRate: 0.1,
        gradientNorm: 1,
        tokens: drawn.length * 3,
        weights: sha256Hex(weights),
        rl: { klNats: 0, klsNats: drawn.map(() => 0), advantages: rewards.map((value) => value - mean) },
      }
      if (step % job.checkpointEvery === 0 || job.checkpointAt.includes(step) || step === job.steps)
        yield { kind: 'checkpoint', step, bytes: bytes(weights), weights: sha256Hex(weights) }
    }
  },
}

const turns = (content: string): readonly Turn[] => [{ role: 'user', content }]

const source = (kind: string, count: number): PromptSource => ({
  by,
  format: 'instant',
  digest: async () => canonicalDigest({ kind, count }),
  async *rows() {
    for (let row = 0; row < count; row++)
      yield kind === 'items'
        ? {
            turns: turns(`${kind} ${row % 7}`),
            chosen: sentence([row, 1]),
            rejected: sentence([row, 2]),
            group: 'other',
          }
        : { turns: turns(`${kind} ${row % Math.ceil(count / 3)}`) }
  },
})

const scorer: Scorer = {
  by,
  name: 'instant rules',
  determinism: 'exact',
  questions: ['harmless', 'helpful'],
  simulatesRaters: true,
  score: (requests, signal) =>
    each(requests, signal, ({ answer }) => ({
      scores: { harm: answer.length % 4, help: answer.length % 3, gold: -(answer.length % 4) },
    })),
  classify: (requests, signal) =>
    each(requests, signal, ({ answer }) => ({
      refuses: answer.startsWith('odd'),
      flat: answer.startsWith('odd odd'),
      engaged: !answer.startsWith('odd'),
    })),
  compare: (requests, signal) =>
    each(requests, signal, ({ first, second, seed = 0 }) => ({
      preferred:
        (first.length + seed) % 2 === 0
          ? ('first' as const)
          : first === second
            ? ('tie' as const)
            : ('second' as const),
    })),
}

const options = z
  .strictObject({ kind: z.string().default('red'), count: z.int().min(1).default(12) })
  .prefault({})

const instant: Plugin = {
  manifest: {
    name: 'instant',
    version: '1.0.0',
    api: apiVersion,
    provides: ['model', 'trainer', 'prompts', 'scorer'],
  },
  options,
  open: async (port, given) => {
    const { kind, count } = given as z.infer<typeof options>
    switch (port) {
      case 'model':
        return { model }
      case 'trainer':
        return { trainer }
      case 'prompts':
        return { prompts: source(kind, count) }
      case 'scorer':
        return { scorer }
      case 'constitutions':
        return {}
    }
  },
}

export default instant
