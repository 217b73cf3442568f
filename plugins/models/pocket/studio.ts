import { readFileSync } from 'node:fs'
import { dataFile } from './data-file.ts'
import { POCKET_LAYOUT, POCKET_SHAPE } from './lm/pocket-shape.ts'
import type { ReadItem, ReadResult } from './lm/reader.ts'
import { SLOTS, type Sampled, type SampleGroup } from './lm/sampler.ts'
import { weightsDigest } from './lm/weights.ts'
import { decodeWeights } from './training/checkpoint.ts'
import { Crew } from './workers/crew.ts'
import type { SharedWeights } from './workers/jobs.ts'

/** Crews by their number of threads, shared by the model and the trainer of a process. */
const crews = new Map<number, { readonly crew: Crew; users: number }>()

/** The threads that work for a model or a trainer. They start with the first job, and idle ones hold up no exit. */
export class Studio {
  readonly #threads: number
  #crew: Crew | undefined

  constructor(threads: number) {
    this.#threads = threads
  }

  get crew(): Crew {
    if (this.#crew) return this.#crew
    const shared = crews.get(this.#threads) ?? { crew: new Crew(POCKET_SHAPE, this.#threads), users: 0 }
    crews.set(this.#threads, shared)
    shared.users++
    return (this.#crew = shared.crew)
  }

  /** Samples as they finish; equal seeds and prompts give equal tokens, whatever else is asked for. */
  async *sample(
    weights: SharedWeights,
    groups: readonly SampleGroup[],
    signal?: AbortSignal,
  ): AsyncGenerator<Sampled, void, undefined> {
    const rows = groups.reduce((sum, group) => sum + group.seeds.length, 0)
    const width = Math.min(SLOTS, Math.ceil(rows / this.#threads))
    for await (const part of this.crew.stream(
      (control) => ({ kind: 'sample', weights, groups, control, width }),
      signal,
    )) {
      if (part.kind === 'sampled') yield* part.results
    }
  }

  /** What was read, as it is ready, with the item's place among `items`. */
  async *read(
    weights: SharedWeights,
    items: readonly ReadItem[],
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly index: number; readonly result: ReadResult }, void, undefined> {
    for await (const part of this.crew.stream(
      (control) => ({ kind: 'read', weights, items, control }),
      signal,
    )) {
      if (part.kind !== 'read') continue
      for (const [i, result] of part.results.entries()) yield { index: part.start + i, result }
    }
  }

  /** The same, all of it, in the order of the items. */
  async readAll(
    weights: SharedWeights,
    items: readonly ReadItem[],
    signal?: AbortSignal,
  ): Promise<ReadResult[]> {
    const results: ReadResult[] = []
    for await (const { index, result } of this.read(weights, items, signal)) results[index] = result
    return results
  }

  async close(): Promise<void> {
    const shared = crews.get(this.#threads)
    if (!this.#crew || shared?.crew !== this.#crew) return
    this.#crew = undefined
    if (--shared.users > 0) return
    crews.delete(this.#threads)
    await shared.crew.close()
  }
}

/** Weights in shared memory under their digest as key. */
export function sharedWeights(bytes: Uint8Array): SharedWeights & { readonly digest: string } {
  const values = decodeWeights(POCKET_LAYOUT, bytes)
  const digest = weightsDigest(POCKET_LAYOUT, values)
  return { key: digest, digest, values }
}

let base: ReturnType<typeof sharedWeights> | undefined

/** The base model that comes with the package, made by `npm run pretrain`. */
export const baseWeights = (): ReturnType<typeof sharedWeights> =>
  (base ??= sharedWeights(readFileSync(dataFile('base', 'base.safetensors'))))
