import type { Address, Kernel } from '../kernel/kernel.ts'
import type { LoadedWeights } from './loaded-weights.ts'
import type { Layout } from './shape.ts'

/** What a layer keeps for the way back; R rows, width d. */
interface LayerState {
  /** [R, d] each: the residual stream before attention and before the MLP, and both after their norms. */
  readonly x: Address
  readonly xNormed: Address
  readonly middle: Address
  readonly middleNormed: Address
  readonly attended: Address
  /** [R, 3d]; [R, 4d] twice. */
  readonly qkv: Address
  readonly up: Address
  readonly active: Address
  /** [R] each: the norms' scales. */
  readonly xInverse: Address
  readonly middleInverse: Address
  /** Each sequence's [heads, length, length rounded up to 8], one after the other. */
  readonly attention: Address
}

/** Sequences that go through the network together, one after the other in the rows of every buffer. */
export interface Batch {
  readonly rows: number
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
}

/** Rows at once: enough to keep the products busy, few enough that a layer stays in the cache. */
export const ROWS_MAX = 384

/**
 * The network's passes over whole sequences, in one kernel's memory. A row's bits depend on its own
 * sequence and the weights alone, never on the other sequences of the batch.
 */
export class Passes {
  readonly kernel: Kernel
  readonly layout: Layout
  readonly rowsMax: number
  /** [R, d]: hidden states after the last norm, of the latest forward pass. */
  readonly hidden: Address
  /** [R, vocabulary]: logits of the rows that were last asked for. */
  readonly logits: Address
  readonly positions: Address
  readonly cos: Address
  readonly sin: Address
  readonly scratch: Address
  readonly #layers: readonly LayerState[]
  readonly #last: Address
  readonly #lastInverse: Address
  readonly #tokens: Address
  readonly #picked: Address
  readonly #pickedRows: Address
  readonly #targets: Address
  readonly #weights: Address
  /** Gradients, [R, d], [R, d], [R, 4d] and [R, 3d]; and a gradient in right strips. */
  readonly #dx: Address
  readonly #dNormed: Address
  readonly #dWide: Address
  readonly #dQkv: Address
  readonly #strips: Address

  constructor(kernel: Kernel, layout: Layout, rowsMax = ROWS_MAX) {
    const { width: d, heads, context, vocabulary, layers } = layout.shape
    this.kernel = kernel
    this.layout = layout
    this.rowsMax = rowsMax
    const rows = (columns: number): Address => kernel.allocate(rowsMax * columns)
    this.cos = kernel.allocate((context * d) / heads / 2)
    this.sin = kernel.allocate((context * d) / heads / 2)
    kernel.run.ropeTables(context, d / heads, this.cos, this.sin)
    this.hidden = rows(d)
    this.logits = rows(vocabulary)
    this.positions = rows(1)
    this.scratch = kernel.allocate(
      Math.max(64 * Math.max(4 * d, rowsMax), 2 * (context + 8) * d + context * context),
    )
    this.#tokens = rows(1)
    this.#picked = rows(d)
    this.#pickedRows = rows(1)
    this.#targets = rows(1)
    this.#weights = rows(1)
    this.#last = rows(d)
    this.#lastInverse = rows(1)
    this.#dx = rows(d)
    this.#dNormed = rows(d)
    this.#dWide = rows(4 * d)
    this.#dQkv = rows(3 * d)
    this.#strips = rows(Math.max(4 * d, vocabulary))
    this.#layers = Array.from({ length: layers }, () => ({
      x: rows(d),
      xNormed: rows(d),
      middle: rows(d),
      middleNormed: rows(d),
      attended: rows(d),
      qkv: rows(3 * d),
      up: rows(4 * d),
      active: rows(4 * d),
      xInverse: rows(1),
      middleInverse: rows(1),
      attention: rows(heads * context),
    }))
  }

  /**
   * Reads sequences (token numbers; together at most `rowsMax`), leaving their hidden states. Without `keep`
   * one layer's buffers serve for all, and no backward pass can follow. `onLayer` sees each layer's turned
   * queries, keys and values.
   */
  forward(
    weights: LoadedWeights,
    sequences: readonly Int32Array[],
    keep: boolean,
    onLayer?: (layer: number, qkv: Address) => void,
  ): Batch {
    const { kernel, layout } = this
    const k = kernel.run
    const { width: d, heads } = layout.shape
    const batch = this.#place(sequences)
    const n = batch.rows
    k.gatherRows(weights.at(layout.embedding), this.#tokens, this.#stateOf(0, keep).x, n, d)
    layout.layers.forEach((tensors, l) => {
      const s = this.#stateOf(l, keep)
      const strips = weights.forward[l] as (typeof weights.forward)[number]
      k.rmsNorm(s.x, weights.at(tensors.attentionGain), s.xNormed, s.xInverse, n, d)
      this.#multiply(n, 3 * d, d, s.xNormed, strips.qkv, s.qkv)
      k.rope(s.qkv, this.positions, this.cos, this.sin, n, d, heads, 1)
      onLayer?.(l, s.qkv)
      this.#attend(batch, s)
      this.#copy(s.x, s.middle, n * d)
      this.#multiply(n, d, d, s.attended, strips.out, s.middle, true)
      k.rmsNorm(s.middle, weights.at(tensors.mlpGain), s.middleNormed, s.middleInverse, n, d)
      this.#multiply(n, 4 * d, d, s.middleNormed, strips.up, s.up)
      k.gelu(s.up, s.active, n * 4 * d)
      const next = l + 1 < layout.layers.length ? this.#stateOf(l + 1, keep).x : this.#last
      this.#copy(s.middle, next, n * d)
      this.#multiply(n, d, 4 * d, s.active, strips.down, next, true)
    })
    k.rmsNorm(this.#last, weights.at(layout.finalGain), this.hidden, this.#lastInverse, n, d)
    return batch
  }

  /** Logits [rows.length, vocabulary] of these rows of `hidden`, in `this.logits`. */
  logitsOf(weights: LoadedWeights, rows: Int32Array): void {
    const { width: d, vocabulary } = this.layout.shape
    this.kernel.integers(this.#pickedRows, rows.length).set(rows)
    this.kernel.run.gatherRows(this.hidden, this.#pickedRows, this.#picked, rows.length, d)
    this.#multiply(rows.length, vocabulary, d, this.#picked, weights.logits, this.logits)
  }

  /** Log-probabilities (nats) of one token for each of these rows. */
  logProbsOf(weights: LoadedWeights, rows: Int32Array, tokens: Int32Array): Float32Array {
    this.logitsOf(weights, rows)
    this.kernel.integers(this.#targets, rows.length).set(tokens)
    const { vocabulary } = this.layout.shape
    this.kernel.run.logProbs(
      this.logits,
      this.#targets,
      this.#weights,
      rows.length,
      vocabulary,
      1,
      this.scratch,
    )
    return this.kernel.floats(this.#weights, rows.length).slice()
  }

  /**
   * Cross entropy of the latest forward pass (made with `keep`) and its gradients, which are added to
   * `gradients` (a flat buffer as in the layout). `rows` predict `targets`; the gradients are of
   * scale * sum(weight * -log p); returns that sum without the scale, in nats.
   */
  backward(
    weights: LoadedWeights,
    gradients: Address,
    batch: Batch,
    goal: { rows: Int32Array; targets: Int32Array; weights: Float32Array; scale: number },
  ): number {
    const { kernel, layout } = this
    const k = kernel.run
    const { width: d, vocabulary, heads } = layout.shape
    const n = batch.rows
    const m = goal.rows.length
    const gradient = (tensor: { offset: number }): Address => gradients + 4 * tensor.offset
    this.logitsOf(weights, goal.rows)
    kernel.integers(this.#targets, m).set(goal.targets)
    kernel.floats(this.#weights, m).set(goal.weights)
    const loss = k.crossEntropy(this.logits, this.#targets, this.#weights, m, vocabulary, goal.scale)

    // #dWide holds the gradients of the picked hidden states for a moment
    this.#multiply(m, d, vocabulary, this.logits, weights.logitsBackward, this.#dWide)
    this.#addProduct(vocabulary, d, m, this.logits, this.#picked, gradient(layout.embedding))
    kernel.floats(this.#dNormed, n * d).fill(0)
    k.scatterRows(this.#dNormed, this.#pickedRows, this.#dWide, m, d)
    kernel.floats(this.#dx, n * d).fill(0)
    const dx = this.#dx
    const dNormed = this.#dNormed
    const gain = weights.at(layout.finalGain)
    k.rmsNormBackward(this.#last, gain, this.#lastInverse, dNormed, dx, gradient(layout.finalGain), n, d)

    for (let l = layout.layers.length - 1; l >= 0; l--) {
      const tensors = layout.layers[l] as (typeof layout.layers)[number]
      const strips = weights.backward[l] as (typeof weights.backward)[number]
      const s = this.#stateOf(l, true)
      this.#addProduct(4 * d, d, n, s.active, dx, gradient(tensors.down))
      this.#multiply(n, 4 * d, d, dx, strips.down, this.#dWide)
      k.geluBackward(s.up, this.#dWide, n * 4 * d)
      this.#addProduct(d, 4 * d, n, s.middleNormed, this.#dWide, gradient(tensors.up))
      this.#multiply(n, d, 4 * d, this.#dWide, strips.up, dNormed)
      const mlpGain = weights.at(tensors.mlpGain)
      k.rmsNormBackward(s.middle, mlpGain, s.middleInverse, dNormed, dx, gradient(tensors.mlpGain), n, d)

      this.#addProduct(d, d, n, s.attended, dx, gradient(tensors.out))
      this.#multiply(n, d, d, dx, strips.out, dNormed)
      this.#attendBackward(batch, s)
      k.rope(this.#dQkv, this.positions, this.cos, this.sin, n, d, heads, -1)
      this.#addProduct(d, 3 * d, n, s.xNormed, this.#dQkv, gradient(tensors.qkv))
      this.#multiply(n, d, 3 * d, this.#dQkv, strips.qkv, dNormed)
      const attentionGain = weights.at(tensors.attentionGain)
      k.rmsNormBackward(s.x, attentionGain, s.xInverse, dNormed, dx, gradient(tensors.attentionGain), n, d)
    }
    k.scatterRows(gradient(layout.embedding), this.#tokens, dx, n, d)
    return loss
  }

  #stateOf(layer: number, keep: boolean): LayerState {
    return this.#layers[keep ? layer : 0] as LayerState
  }

  #place(sequences: readonly Int32Array[]): Batch {
    const rows = sequences.reduce((sum, sequence) => sum + sequence.length, 0)
    if (rows > this.rowsMax) throw new RangeError(`${rows} rows are more than the ${this.rowsMax} that fit`)
    const tokens = this.kernel.integers(this.#tokens, rows)
    const positions = this.kernel.integers(this.positions, rows)
    const starts: number[] = []
    let n = 0
    for (const sequence of sequences) {
      if (sequence.length > this.layout.shape.context) {
        throw new RangeError(`A sequence of ${sequence.length} tokens is longer than the context`)
      }
      starts.push(n)
      tokens.set(sequence, n)
      for (let t = 0; t < sequence.length; t++) positions[n++] = t
    }
    return { rows, starts, lengths: sequences.map((sequence) => sequence.length) }
  }

  #attend(batch: Batch, s: LayerState): void {
    const { width: d, heads } = this.layout.shape
    this.#eachSequence(batch, (row, length, attention) => {
      const qkv = s.qkv + row * 3 * d * 4
      this.kernel.run.attend(
        qkv,
        length,
        d,
        heads,
        s.attention + attention,
        s.attended + row * d * 4,
        this.scratch,
      )
    })
  }

  /** From the gradients in #dNormed to those in #dQkv. */
  #attendBackward(batch: Batch, s: LayerState): void {
    const { width: d, heads } = this.layout.shape
    this.#eachSequence(batch, (row, length, attention) => {
      const o = row * d * 4
      this.kernel.run.attendBackward(
        s.qkv + 3 * o,
        length,
        d,
        heads,
        s.attention + attention,
        this.#dNormed + o,
        this.#dQkv + 3 * o,
        this.scratch,
      )
    })
  }

  #eachSequence(batch: Batch, visit: (row: number, length: number, attentionBytes: number) => void): void {
    const { heads, context } = this.layout.shape
    batch.starts.forEach((row, i) => visit(row, batch.lengths[i] as number, row * heads * context * 4))
  }

  #multiply(
    rows: number,
    columns: number,
    depth: number,
    a: Address,
    strips: Address,
    c: Address,
    add = false,
  ): void {
    this.kernel.run.multiply(rows, columns, depth, a, depth, false, strips, c, columns, add, this.scratch)
  }

  /** c[rows, columns] += a^T b, where a is [depth, rows] and b [depth, columns]. */
  #addProduct(rows: number, columns: number, depth: number, a: Address, b: Address, c: Address): void {
    this.kernel.run.packAcross(b, columns, depth, columns, 8, this.#strips)
    this.kernel.run.multiply(
      rows,
      columns,
      depth,
      a,
      rows,
      true,
      this.#strips,
      c,
      columns,
      true,
      this.scratch,
    )
  }

  #copy(from: Address, to: Address, count: number): void {
    this.kernel.floats(to, count).set(this.kernel.floats(from, count))
  }
}
