import { randomFrom, shuffled } from '../random.ts'
import type { TrainingItem } from '../training/shard.ts'
import type { StepSettings } from '../training/training.ts'
import { drawDocument } from '../world/documents.ts'
import { encode, tokenOf } from '../world/vocabulary.ts'

export interface Pretraining {
  readonly seed: number
  readonly tokens: number
  readonly documentsPerStep: number
  readonly muonRate: number
  readonly adamwRate: number
  readonly decay: number
  readonly clipNorm: number
  readonly warmUpSteps: number
  /** The judge's answers count this much more than other tokens. */
  readonly judgeWeight: number
}

export const PRETRAINING: Pretraining = {
  seed: 0,
  tokens: 10_000_000,
  documentsPerStep: 64,
  muonRate: 5e-3,
  adamwRate: 3e-3,
  decay: 0.01,
  clipNorm: 1,
  warmUpSteps: 100,
  judgeWeight: 5,
}

/** Batches that are drawn and sorted together, so that a batch's documents are of like length. */
const BATCHES_IN_POOL = 16

/** The documents of step `step` (from 0): a function of seed and step alone, so a restart needs no memory. */
export function documentsOf(settings: Pretraining, step: number): Int32Array[] {
  const pool = Math.floor(step / BATCHES_IN_POOL)
  const random = randomFrom(settings.seed * 1_000_003 + pool + 1)
  const size = settings.documentsPerStep
  const documents = Array.from({ length: BATCHES_IN_POOL * size }, () => encode(drawDocument(random)))
    .map((tokens) => ({ tokens, order: tokens.length + 6 * random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ tokens }) => tokens)
  const order = shuffled(
    random,
    Array.from({ length: BATCHES_IN_POOL }, (_, i) => i),
  )
  const batch = order[step % BATCHES_IN_POOL] as number
  return documents.slice(batch * size, (batch + 1) * size)
}

/** Every token is predicted; `first` or `second` after a colon, a judge's answer, weighs more. */
export function itemOf(settings: Pretraining, tokens: Int32Array): TrainingItem {
  const [colon, first, second] = [tokenOf(':'), tokenOf('first'), tokenOf('second')]
  const weights = Float32Array.from(tokens, (token, t) =>
    t > 0 && tokens[t - 1] === colon && (token === first || token === second) ? settings.judgeWeight : 1,
  )
  return { tokens, weights }
}

/** Warm-up, then constant to 40% of the tokens, then falling linearly to 3%. */
export function settingsAt(settings: Pretraining, step: number, tokensBefore: number): StepSettings {
  const rest = 1 - tokensBefore / settings.tokens
  const factor = Math.min(1, (step + 1) / settings.warmUpSteps) * Math.min(1, Math.max(0.03, rest / 0.6))
  return {
    rate: settings.adamwRate * factor,
    muonRate: settings.muonRate * factor,
    beta1: 0.9,
    beta2: 0.98,
    decay: settings.decay,
    clipNorm: settings.clipNorm,
  }
}
