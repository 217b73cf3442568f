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
  readonly heapBase: () => Address
  readonly packAcross: (
    source: Address,
    step: number,
    depth: number,
    count: number,
    width: number,
    target: Address,
  ) => void
  readonly packAlong: (
    source: Address,
    step: number,
    depth: number,
    count: number,
    width: number,
    target: Address,
  ) => void
  readonly multiply: (
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
  ) => void
  readonly rmsNorm: (
    x: Address,
    gain: Address,
    y: Address,
    inverse: Address,
    rows: number,
    width: number,
  ) => void
  readonly rmsNormBackward: (
    x: Address,
    gain: Address,
    inverse: Address,
    dy: Address,
    dx: Address,
    dGain: Address,
    rows: number,
    width: number,
  ) => void
  readonly ropeTables: (positions: number, width: number, cos: Address, sin: Address) => void
  readonly rope: (
    qkv: Address,
    positions: Address,
    cos: Address,
    sin: Address,
    rows: number,
    width: number,
    heads: number,
    sign: number,
  ) => void
  readonly attend: (
    qkv: Address,
    length: number,
    width: number,
    heads: number,
    weights: Address,
    out: Address,
    scratch: Address,
  ) => void
  readonly attendBackward: (
    qkv: Address,
    length: number,
    width: number,
    heads: number,
    weights: Address,
    dOut: Address,
    dQkv: Address,
    scratch: Address,
  ) => void
  readonly cacheRows: (
    qkv: Address,
    count: number,
    first: number,
    width: number,
    heads: number,
    positions: number,
    slot: Address,
  ) => void
  readonly attendCached: (
    qkv: Address,
    rows: number,
    width: number,
    heads: number,
    positions: number,
    slots: Address,
    at: Address,
    out: Address,
    scratch: Address,
  ) => void
  readonly gelu: (x: Address, y: Address, count: number) => void
  readonly geluBackward: (x: Address, dy: Address, count: number) => void
  readonly gatherRows: (table: Address, index: Address, target: Address, rows: number, width: number) => void
  readonly scatterRows: (table: Address, index: Address, source: Address, rows: number, width: number) => void
  readonly meanRows: (source: Address, target: Address, rows: number, width: number) => void
  readonly crossEntropy: (
    logits: Address,
    targets: Address,
    weights: Address,
    rows: number,
    vocabulary: number,
    scale: number,
  ) => number
  readonly logProbs: (
    logits: Address,
    tokens: Address,
    target: Address,
    rows: number,
    vocabulary: number,
    sharpness: number,
    scratch: Address,
  ) => void
  readonly drawToken: (
    logits: Address,
    vocabulary: number,
    sharpness: number,
    uniform: number,
    scratch: Address,
  ) => number
  readonly likeliestToken: (logits: Address, vocabulary: number) => number
  readonly addInto: (y: Address, x: Address, count: number) => void
  readonly blend: (y: Address, x: Address, a: number, b: number, count: number) => void
  readonly sumSquares: (x: Address, count: number) => number
  readonly adamw: (
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
  ) => void
  readonly exp: (x: number) => number
  readonly log: (x: number) => number
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
