import type { Address } from '../kernel/kernel.ts'
import { randomFrom, type Random } from '../random.ts'
import type { LoadedWeights } from './loaded-weights.ts'
import type { Passes } from './passes.ts'

/** Continuations of one prompt, one a seed; the prompt is read once for all of them. */
export interface SampleGroup {
  readonly prompt: Int32Array
  /** At most `SLOTS` of them. Each continuation draws from a stream of its own. */
  readonly seeds: readonly number[]
  /** 0 takes the likeliest token. */
  readonly temperature: number
  readonly maxTokens: number
  readonly stops: readonly number[]
}

export interface Sampled {
  readonly group: number
  readonly member: number
  /** The stop mark included. */
  readonly tokens: Int32Array
  /** Log-probability (nats) of each token under the distribution it was drawn from (at temperature 0: at 1). */
  readonly logProbs: Float32Array
  readonly stopped: boolean
}

/** Continuations under way at once. */
export const SLOTS = 64

interface Row {
  readonly group: SampleGroup
  readonly groupIndex: number
  readonly member: number
  readonly random: Random
  readonly slot: number
  readonly tokens: number[]
  readonly logProbs: number[]
}

/**
 * Writes token by token with a key-value cache. Rows that finish leave and new ones enter, in any order and
 * company: each row's bits depend on its prompt, seed and the weights alone.
 */
export class Sampler {
  readonly #passes: Passes
  readonly #cache: Address
  readonly #layerBytes: number
  readonly #slotAddresses: Address
  readonly #lastTokens: Address
  readonly #probability: Address
  readonly #buffers: {
    readonly x: Address
    readonly normed: Address
    readonly inverse: Address
    readonly qkv: Address
    readonly attended: Address
    readonly up: Address
  }

  constructor(passes: Passes) {
    const { kernel, layout } = passes
    const { width, context, layers } = layout.shape
    this.#passes = passes
    this.#layerBytes = 4 * 2 * width * context
    this.#cache = kernel.allocate((SLOTS * layers * this.#layerBytes) / 4)
    this.#slotAddresses = kernel.allocate(SLOTS)
    this.#lastTokens = kernel.allocate(SLOTS)
    this.#probability = kernel.allocate(1)
    this.#buffers = {
      x: kernel.allocate(SLOTS * width),
      normed: kernel.allocate(SLOTS * width),
      inverse: kernel.allocate(SLOTS),
      qkv: kernel.allocate(SLOTS * 3 * width),
      attended: kernel.allocate(SLOTS * width),
      up: kernel.allocate(SLOTS * 4 * width),
    }
  }

  /**
   * Samples whatever `next` hands out (undefined: no more), at most `width` rows at once, and yields what
   * has finished after each token.
   */
  *run(
    weights: LoadedWeights,
    next: () => { readonly index: number; readonly group: SampleGroup } | undefined,
    width = SLOTS,
  ): Generator<Sampled[]> {
    const free = Array.from({ length: Math.min(width, SLOTS) }, (_, slot) => slot)
    let active: Row[] = []
    let waiting = next()
    // A refill reads several prompts in one pass, so it waits until some rows are free.
    const refill = Math.max(1, free.length >> 2)
    while (waiting || active.length > 0) {
      const entering: { readonly prompt: Int32Array; readonly rows: Row[] }[] = []
      let tokens = 0
      while (waiting && (active.length === 0 || free.length >= refill || entering.length > 0)) {
        const { group, index } = waiting
        const crowded = group.seeds.length > free.length && (active.length > 0 || entering.length > 0)
        if (crowded || tokens + group.prompt.length > this.#passes.rowsMax) break
        tokens += group.prompt.length
        entering.push({ prompt: group.prompt, rows: this.#enter(group, index, free) })
        waiting = next()
      }
      if (entering.length > 0) {
        this.#read(weights, entering)
        active.push(...entering.flatMap(({ rows }) => rows))
      } else {
        this.#advance(weights, active)
      }
      const finished = active.filter((row) => this.#isFinished(row))
      if (finished.length === 0) continue
      active = active.filter((row) => !this.#isFinished(row))
      free.push(...finished.map((row) => row.slot))
      yield finished.map((row) => ({
        group: row.groupIndex,
        member: row.member,
        tokens: Int32Array.from(row.tokens),
        logProbs: Float32Array.from(row.logProbs),
        stopped: row.group.stops.includes(row.tokens.at(-1) as number),
      }))
    }
  }

  #enter(group: SampleGroup, groupIndex: number, free: number[]): Row[] {
    if (group.seeds.length > SLOTS) throw new RangeError(`A group has more than ${SLOTS} members`)
    // Only where no row is active: then all slots so far are free, and the next one has their number.
    while (free.length < group.seeds.length) free.push(free.length)
    return group.seeds.map((seed, member) => ({
      group,
      groupIndex,
      member,
      random: randomFrom(seed),
      slot: free.pop() as number,
      tokens: [],
      logProbs: [],
    }))
  }

  #isFinished({ group, tokens }: Row): boolean {
    return (
      group.stops.includes(tokens.at(-1) as number) ||
      tokens.length >= group.maxTokens ||
      group.prompt.length + tokens.length >= this.#passes.layout.shape.context
    )
  }

  #slot(layer: number, slot: number): Address {
    return this.#cache + (layer * SLOTS + slot) * this.#layerBytes
  }

  /** Reads prompts, fills the caches of their rows, and draws each row's first token. */
  #read(
    weights: LoadedWeights,
    entering: readonly { readonly prompt: Int32Array; readonly rows: readonly Row[] }[],
  ): void {
    const passes = this.#passes
    const { width, heads, context } = passes.layout.shape
    const k = passes.kernel.run
    const prompts = entering.map(({ prompt }) => prompt)
    const batch = passes.forward(weights, prompts, false, (layer, qkv) => {
      let from = qkv
      for (const { prompt, rows } of entering) {
        for (const { slot } of rows) {
          k.cacheRows(from, prompt.length, 0, width, heads, context, this.#slot(layer, slot))
        }
        from += 4 * 3 * width * prompt.length
      }
    })
    const last = batch.starts.map((start, i) => start + (batch.lengths[i] as number) - 1)
    passes.logitsOf(weights, Int32Array.from(last))
    entering.forEach(({ rows }, i) => rows.forEach((row) => this.#draw(row, i)))
  }

  /** One more token for every row. */
  #advance(weights: LoadedWeights, rows: readonly Row[]): void {
    const passes = this.#passes
    const { kernel, layout, scratch } = passes
    const k = kernel.run
    const { width: d, heads, context, vocabulary } = layout.shape
    const n = rows.length
    const b = this.#buffers
    const tokens = kernel.integers(this.#lastTokens, n)
    const positions = kernel.integers(passes.positions, n)
    rows.forEach((row, i) => {
      tokens[i] = row.tokens.at(-1) as number
      positions[i] = row.group.prompt.length + row.tokens.length - 1
    })
    k.gatherRows(weights.at(layout.embedding), this.#lastTokens, b.x, n, d)
    layout.layers.forEach((tensors, l) => {
      const strips = weights.forward[l] as (typeof weights.forward)[number]
      const slots = kernel.integers(this.#slotAddresses, n)
      rows.forEach((row, i) => (slots[i] = this.#slot(l, row.slot)))
      k.rmsNorm(b.x, weights.at(tensors.attentionGain), b.normed, b.inverse, n, d)
      k.multiply(n, 3 * d, d, b.normed, d, false, strips.qkv, b.qkv, 3 * d, false, scratch)
      k.rope(b.qkv, passes.positions, passes.cos, passes.sin, n, d, heads, 1)
      k.attendCached(b.qkv, n, d, heads, context, this.#slotAddresses, passes.positions, b.attended, scratch)
      k.multiply(n, d, d, b.attended, d, false, strips.out, b.x, d, true, scratch)
      k.rmsNorm(b.x, weights.at(tensors.mlpGain), b.normed, b.inverse, n, d)
      k.multiply(n, 4 * d, d, b.normed, d, false, strips.up, b.up, 4 * d, false, scratch)
      k.gelu(b.up, b.up, n * 4 * d)
      k.multiply(n, d, 4 * d, b.up, 4 * d, false, strips.down, b.x, d, true, scratch)
    })
    k.rmsNorm(b.x, weights.at(layout.finalGain), b.normed, b.inverse, n, d)
    k.multiply(
      n,
      vocabulary,
      d,
      b.normed,
      d,
      false,
      weights.logits,
      passes.logits,
      vocabulary,
      false,
      scratch,
    )
    rows.forEach((row, i) => this.#draw(row, i))
  }

  /** Draws a row's next token from row `i` of the logits. */
  #draw(row: Row, i: number): void {
    const { kernel, layout, logits, scratch } = this.#passes
    const { vocabulary } = layout.shape
    const from = logits + 4 * i * vocabulary
    const { temperature } = row.group
    const sharpness = temperature === 0 ? 1 : 1 / temperature
    const token =
      temperature === 0
        ? kernel.run.likeliestToken(from, vocabulary)
        : kernel.run.drawToken(from, vocabulary, sharpness, row.random(), scratch)
    kernel.integers(this.#lastTokens, 1)[0] = token
    kernel.run.logProbs(from, this.#lastTokens, this.#probability, 1, vocabulary, sharpness, scratch)
    row.tokens.push(token)
    row.logProbs.push(kernel.floats(this.#probability, 1)[0] as number)
  }
}
