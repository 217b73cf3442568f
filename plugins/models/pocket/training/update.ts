import type { Address, Kernel } from '../kernel/kernel.ts'
import type { Layout, Tensor } from '../lm/shape.ts'
import { SHARDS } from './shard.ts'

/** Buffers of a training that all threads share, each as in the layout. */
export interface TrainingBuffers {
  readonly weights: Float32Array<SharedArrayBuffer>
  /** AdamW's first moment, or Muon's momentum. */
  readonly m: Float32Array<SharedArrayBuffer>
  readonly v: Float32Array<SharedArrayBuffer>
  /** The shards' gradients, one after the other. */
  readonly gradients: Float32Array<SharedArrayBuffer>
}

export interface UpdateSettings {
  /** From 1. */
  readonly step: number
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly decay: number
  readonly clipNorm: number
  /** Learning rate of Muon for the matrices; 0 leaves them to AdamW. */
  readonly muonRate: number
}

/** Updates some of the tensors from the sum of all shards' gradients. */
export class Updater {
  readonly #kernel: Kernel
  readonly #layout: Layout
  readonly #sum: Address
  /** Six places for the largest tensor. */
  readonly #places: readonly Address[]

  constructor(kernel: Kernel, layout: Layout) {
    this.#kernel = kernel
    this.#layout = layout
    this.#sum = kernel.allocate(layout.size)
    const largest = Math.max(...layout.tensors.map((tensor) => tensor.size))
    this.#places = Array.from({ length: 6 }, () => kernel.allocate(largest))
  }

  /** Updates these tensors (numbers in the layout); returns the norm of the whole gradient before clipping. */
  update(buffers: TrainingBuffers, settings: UpdateSettings, tensors: readonly number[]): number {
    const norm = this.#sumGradients(buffers)
    const clip = norm > settings.clipNorm ? settings.clipNorm / norm : 1
    for (const number of tensors) {
      const tensor = this.#layout.tensors[number] as Tensor
      if (settings.muonRate > 0 && isMatrix(tensor)) this.#muon(buffers, settings, tensor, clip)
      else this.#adamw(buffers, settings, tensor, clip)
    }
    return norm
  }

  /** Every thread adds up the whole gradient, in the order of the shards, so that all find the same norm. */
  #sumGradients(buffers: TrainingBuffers): number {
    const { size } = this.#layout
    const kernel = this.#kernel
    const largest = Math.max(...this.#layout.tensors.map((tensor) => tensor.size))
    kernel.floats(this.#sum, size).set(buffers.gradients.subarray(0, size))
    for (let shard = 1; shard < SHARDS; shard++) {
      for (let at = 0; at < size; at += largest) {
        const count = Math.min(largest, size - at)
        const from = shard * size + at
        kernel.floats(this.#place(0), count).set(buffers.gradients.subarray(from, from + count))
        kernel.run.addInto(this.#sum + 4 * at, this.#place(0), count)
      }
    }
    return Math.sqrt(kernel.run.sumSquares(this.#sum, size))
  }

  #place(i: number): Address {
    return this.#places[i] as Address
  }

  #adamw(buffers: TrainingBuffers, settings: UpdateSettings, tensor: Tensor, clip: number): void {
    const { offset, size } = tensor
    const [w, m, v] = [this.#place(0), this.#place(1), this.#place(2)]
    const shared = [buffers.weights, buffers.m, buffers.v].map((all) => all.subarray(offset, offset + size))
    shared.forEach((part, i) => this.#kernel.floats(this.#place(i), size).set(part))
    this.#kernel.run.adamw(
      w,
      this.#sum + 4 * offset,
      m,
      v,
      size,
      settings.rate,
      settings.beta1,
      settings.beta2,
      1 / (1 - power(settings.beta1, settings.step)),
      1 / (1 - power(settings.beta2, settings.step)),
      settings.decay,
      clip,
    )
    shared.forEach((part, i) => part.set(this.#kernel.floats(this.#place(i), size)))
  }

  /**
   * Muon (Jordan et al. 2024): momentum with Nesterov's look ahead, made nearly orthogonal by five steps of
   * Newton and Schulz; the update's mean square is that of AdamW (0.2; Liu et al. 2025).
   */
  #muon(buffers: TrainingBuffers, settings: UpdateSettings, tensor: Tensor, clip: number): void {
    const momentum = 0.95
    const { offset, size } = tensor
    const kernel = this.#kernel
    const { blend } = kernel.run
    const [rows = 0, columns = 0] = tensor.shape
    const m = this.#place(0)
    const shared = buffers.m.subarray(offset, offset + size)
    kernel.floats(m, size).set(shared)
    blend(m, this.#sum + 4 * offset, clip, momentum, size)
    shared.set(kernel.floats(m, size))
    const ahead = this.#place(1)
    kernel.floats(ahead, size).set(kernel.floats(m, size))
    blend(ahead, this.#sum + 4 * offset, clip, momentum, size)

    const isTall = rows > columns
    if (isTall) this.#transpose(ahead, rows, columns)
    const direction = this.#orthogonal(ahead, Math.min(rows, columns), Math.max(rows, columns))
    if (isTall) this.#transpose(direction, columns, rows)

    const w = this.#place(0)
    const weights = buffers.weights.subarray(offset, offset + size)
    kernel.floats(w, size).set(weights)
    blend(w, direction, -settings.muonRate * 0.2 * Math.sqrt(Math.max(rows, columns)), 1, size)
    weights.set(kernel.floats(w, size))
  }

  /** In place, by way of a copy. */
  #transpose(matrix: Address, rows: number, columns: number): void {
    const source = this.#kernel.floats(matrix, rows * columns).slice()
    const target = this.#kernel.floats(matrix, rows * columns)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) target[j * rows + i] = source[i * columns + j] as number
    }
  }

  /** x [rows, columns] with rows <= columns; returns where the result stands, one of places 1 and 5. */
  #orthogonal(x: Address, rows: number, columns: number): Address {
    const kernel = this.#kernel
    const { blend, multiply, packAcross, packAlong, sumSquares } = kernel.run
    const [strips, scratch, squares] = [this.#place(2), this.#place(3), this.#place(4)]
    const grams = this.#place(0)
    const count = rows * columns
    blend(x, x, 1 / (Math.sqrt(sumSquares(x, count)) + 1e-7), 0, count)
    let from = x
    let to = this.#place(5)
    for (let step = 0; step < 5; step++) {
      packAlong(from, columns, columns, rows, 8, strips)
      multiply(rows, rows, columns, from, columns, false, strips, grams, rows, false, scratch)
      packAcross(grams, rows, rows, rows, 8, strips)
      multiply(rows, rows, rows, grams, rows, false, strips, squares, rows, false, scratch)
      blend(squares, grams, -4.775, 2.0315, rows * rows)
      packAcross(from, columns, rows, columns, 8, strips)
      multiply(rows, columns, rows, squares, rows, false, strips, to, columns, false, scratch)
      blend(to, from, 3.4445, 1, count)
      ;[from, to] = [to, from]
    }
    return from
  }
}

const isMatrix = (tensor: Tensor): boolean => tensor.shape.length === 2 && tensor.name !== 'embedding'

/** base^exponent by multiplication alone, so that it is the same on every machine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result *= base
  return result
}

/** Splits the tensors among threads so that each has about as much to do; who does what changes no bit. */
export function shareOfTensors(layout: Layout, threads: number): number[][] {
  const shares = Array.from({ length: threads }, () => ({ tensors: [] as number[], cost: 0 }))
  const order = layout.tensors.map((tensor, number) => ({ number, size: tensor.size }))
  for (const { number, size } of order.sort((a, b) => b.size - a.size || a.number - b.number)) {
    const least = shares.reduce((best, share) => (share.cost < best.cost ? share : best))
    least.tensors.push(number)
    least.cost += size
  }
  return shares.map((share) => share.tensors)
}
