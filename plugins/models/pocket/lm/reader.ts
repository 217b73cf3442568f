import type { LoadedWeights } from './loaded-weights.ts'
import type { Batch, Passes } from './passes.ts'

/** A text to read, and what is wanted of it. */
export interface ReadItem {
  readonly tokens: Int32Array
  /** The mean of the last hidden states from this token on. */
  readonly featuresFrom?: number
  /** The log-probability of every token from this one (at least 1) on. */
  readonly logProbsFrom?: number
  /** Log-probabilities of these as the next token. */
  readonly candidates?: readonly number[]
}

export interface ReadResult {
  readonly features?: Float32Array
  readonly logProbs?: Float32Array
  readonly candidates?: Float32Array
}

/** Items from `start` on that fit into one pass. */
export function itemsThatFit(passes: Passes, items: readonly ReadItem[], start: number): readonly ReadItem[] {
  let rows = 0
  let end = start
  while (end < items.length) {
    rows += (items[end] as ReadItem).tokens.length
    if (rows > passes.rowsMax) break
    end++
  }
  return items.slice(start, end)
}

/** Reads items that fit into one pass together. */
export function readItems(passes: Passes, weights: LoadedWeights, items: readonly ReadItem[]): ReadResult[] {
  const batch = passes.forward(
    weights,
    items.map((item) => item.tokens),
    false,
  )
  const features = items.map((item, i) => meanHidden(passes, batch, i, item.featuresFrom))
  const wanted = items.map((item, i) => wantedRows(item, batch.starts[i] as number))
  const rows = wanted.flatMap((w) => w.rows)
  const found = logProbsInParts(
    passes,
    weights,
    rows,
    wanted.flatMap((w) => w.tokens),
  )
  let next = 0
  return items.map((item, i) => {
    const own = found.slice(next, (next += (wanted[i] as { rows: number[] }).rows.length))
    const candidates = item.candidates?.length ?? 0
    const mean = features[i]
    return {
      ...(mean && { features: mean }),
      ...(item.logProbsFrom !== undefined && { logProbs: own.slice(0, own.length - candidates) }),
      ...(item.candidates && { candidates: own.slice(own.length - candidates) }),
    }
  })
}

function meanHidden(
  passes: Passes,
  batch: Batch,
  i: number,
  from: number | undefined,
): Float32Array | undefined {
  if (from === undefined) return undefined
  const { width } = passes.layout.shape
  const start = (batch.starts[i] as number) + from
  const count = (batch.lengths[i] as number) - from
  if (count < 1) throw new RangeError('The features of no tokens were asked for')
  passes.kernel.run.meanRows(passes.hidden + 4 * start * width, passes.scratch, count, width)
  return passes.kernel.floats(passes.scratch, width).slice()
}

/** The rows whose logits are needed, and the token that each is asked about. */
function wantedRows(item: ReadItem, start: number): { rows: number[]; tokens: number[] } {
  const rows: number[] = []
  const tokens: number[] = []
  if (item.logProbsFrom !== undefined) {
    for (let t = item.logProbsFrom; t < item.tokens.length; t++) {
      rows.push(start + t - 1)
      tokens.push(item.tokens[t] as number)
    }
  }
  for (const candidate of item.candidates ?? []) {
    rows.push(start + item.tokens.length - 1)
    tokens.push(candidate)
  }
  return { rows, tokens }
}

function logProbsInParts(
  passes: Passes,
  weights: LoadedWeights,
  rows: number[],
  tokens: number[],
): Float32Array {
  const found = new Float32Array(rows.length)
  for (let i = 0; i < rows.length; i += passes.rowsMax) {
    const part = Int32Array.from(rows.slice(i, i + passes.rowsMax))
    found.set(passes.logProbsOf(weights, part, Int32Array.from(tokens.slice(i, i + passes.rowsMax))), i)
  }
  return found
}
