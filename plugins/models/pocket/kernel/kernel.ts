import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dataFile } from '../data-file.ts'

/** The little of the WebAssembly namespace that is used here; the types of Node do not have it. */
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** A byte address in the kernel's memory. */
export type Address = number

/** What kernel.wasm exports; each is documented in assembly/. Counts and steps are in floats. */
export interface KernelExports {
  readonly memory: Memory
  heapBase(): Address
  packAcross(source: Address, step: number, depth: number, count: number, width: number, target: Address): void
  packAlong(source: Address, step: number, depth: number, count: number, width: number, target: Address): void
  multiply(
    rows: number,
    columns: number,
    depth: number,
    a: Address,
    aStep: number,
    turned: boolean,
    b: Address,
    c: Address,
    cStep: number,
    add: boolean,
    scratch: Address,
  ): void
  rmsNorm(x: Address, gain: Address, y: Address, inverse: Address, rows: number, width: number): void
  rmsNormBackward(
    x: Address,
    gain: Address,
    inverse: Address,
    dy: Address,
    dx: Address,
    dGain: Address,
    rows: number,
    width: number,
  ): void
  ropeTables(positions: number, width: number, cos: Address, sin: Address): void
  rope(
    qkv: Address,
    positions: Address,
    cos: Address,
    sin: Address,
    rows: number,
    width: number,
    heads: number,
    sign: number,
  ): void
  attend(
    qkv: Address,
    length: number,
    width: number,
    heads: number,
    weights: Address,
    out: Address,
    scratch: Address,
  ): void
  attendBackward(
    qkv: Address,
    length: number,
    width: number,
    heads: number,
    weights: Address,
    dOut: Address,
    dQkv: Address,
    scratch: Address,
  ): void
  cacheRows(
    qkv: Address,
    count: number,
    first: number,
    width: number,
    heads: number,
    positions: number,
    slot: Address,
  ): void
  attendCached(
    qkv: Address,
    rows: number,
    width: number,
    heads: number,
    positions: number,
    slots: Address,
    at: Address,
    out: Address,
    scratch: Address,
  ): void
  gelu(x: Address, y: Address, count: number): void
  geluBackward(x: Address, dy: Address, count: number): void
  gatherRows(table: Address, index: Address, target: Address, rows: number, width: number): void
  scatterRows(table: Address, index: Address, source: Address, rows: number, width: number): void
  meanRows(source: Address, target: Address, rows: number, width: number): void
  crossEntropy(
    logits: Address,
    targets: Address,
    weights: Address,
    rows: number,
    vocabulary: number,
    scale: number,
  ): number
  logProbs(
    logits: Address,
    tokens: Address,
    target: Address,
    rows: number,
    vocabulary: number,
    sharpness: number,
    scratch: Address,
  ): void
  drawToken(logits: Address, vocabulary: number, sharpness: number, uniform: number, scratch: Address): number
  likeliestToken(logits: Address, vocabulary: number): number
  addInto(y: Address, x: Address, count: number): void
  blend(y: Address, x: Address, a: number, b: number, count: number): void
  sumSquares(x: Address, count: number): number
  adamw(
    weights: Address,
    gradients: Address,
    m: Address,
    v: Address,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    correction1: number,
    correction2: number,
    decay: number,
    clip: number,
  ): void
  exp(x: number): number
  log(x: number): number
}

let compiled: { module: object; digest: string } | undefined

function compile(): { module: object; digest: string } {
  if (compiled) return compiled
  const bytes = readFileSync(dataFile('kernel', 'kernel.wasm'))
  const digest = createHash('sha256').update(bytes).digest('hex')
  return (compiled = { module: new WebAssembly.Module(bytes), digest })
}

/** sha-256 of the kernel's bytes: part of the model's identity, since they decide every rounding. */
export const kernelDigest = (): string => compile().digest

/** One instance of the kernel with its own memory, handed out from the heap's base upwards and never returned. */
export class Kernel {
  readonly run: KernelExports
  #top: Address

  constructor() {
    this.run = new WebAssembly.Instance(compile().module).exports as KernelExports
    this.#top = align(this.run.heapBase())
  }

  /** Room for `count` floats (or i32), zeroed, at a multiple of 64 bytes. Views made before are void afterwards. */
  allocate(count: number): Address {
    const address = this.#top
    this.#top = align(address + 4 * count)
    const missing = this.#top - this.run.memory.buffer.byteLength
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / 65536))
    return address
  }

  floats(address: Address, count: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, address, count)
  }

  integers(address: Address, count: number): Int32Array {
    return new Int32Array(this.run.memory.buffer, address, count)
  }
}

const align = (address: Address): Address => (address + 63) & ~63
