import type { Address } from '../kernel/kernel.ts'
import type { LoadedWeights } from '../lm/loaded-weights.ts'
import type { Passes } from '../lm/passes.ts'

/** One text to train on. */
export interface TrainingItem {
  readonly tokens: Int32Array
  /** For each token how much its prediction counts: 0 not at all, negative to push it away. The first is never predicted. */
  readonly weights: Float32Array
}

/**
 * A batch is always cut into this many shards (item i goes to shard i mod 4), whose gradients are added in
 * order: so the number of threads that share the work changes no bit.
 */
export const SHARDS = 4

export const shardOf = <T>(items: readonly T[], shard: number): T[] =>
  items.filter((_, i) => i % SHARDS === shard)

/** Adds one shard's gradients, scaled, to a flat buffer; returns its weighted loss (nats) without the scale. */
export function shardGradients(
  passes: Passes,
  weights: LoadedWeights,
  items: readonly TrainingItem[],
  scale: number,
  gradients: Address,
): number {
  let loss = 0
  for (let start = 0; start < items.length;) {
    let rows = 0
    let end = start
    while (end < items.length) {
      rows += (items[end] as TrainingItem).tokens.length - 1
      if (rows > passes.rowsMax) break
      end++
    }
    if (end === start) throw new RangeError('A training text is longer than a pass')
    loss += passGradients(passes, weights, items.slice(start, end), scale, gradients)
    start = end
  }
  return loss
}

function passGradients(
  passes: Passes,
  weights: LoadedWeights,
  items: readonly TrainingItem[],
  scale: number,
  gradients: Address,
): number {
  const rows: number[] = []
  const targets: number[] = []
  const counts: number[] = []
  let start = 0
  for (const item of items) {
    for (let t = 1; t < item.tokens.length; t++) {
      const weight = item.weights[t] as number
      if (weight === 0) continue
      rows.push(start + t - 1)
      targets.push(item.tokens[t] as number)
      counts.push(weight)
    }
    start += item.tokens.length - 1
  }
  if (rows.length === 0) return 0
  // The last token predicts nothing, so it is not read.
  const sequences = items.map((item) => item.tokens.subarray(0, item.tokens.length - 1))
  return passes.backward(weights, gradients, passes.forward(weights, sequences, true), {
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
    weights: Float32Array.from(counts),
    scale,
  })
}
