import { Kernel, type Address } from '../kernel/kernel.ts'
import { loadWeights, reserveWeights, type LoadedWeights } from '../lm/loaded-weights.ts'
import { Passes } from '../lm/passes.ts'
import { itemsThatFit, readItems } from '../lm/reader.ts'
import { Sampler } from '../lm/sampler.ts'
import { layoutOf, type Layout, type Shape } from '../lm/shape.ts'
import { shardGradients } from '../training/shard.ts'
import { Updater } from '../training/update.ts'
import type { Control, Job, JobPart, SharedWeights } from './jobs.ts'

/** Sets of weights that stand ready in one thread: a policy, its reference, and the base. */
const WEIGHTS_KEPT = 3
/** Texts that a thread takes at a time. */
const ITEMS_TAKEN = 8

interface Kept {
  readonly place: LoadedWeights
  key: string
  training: boolean
  lastUse: number
}

/** One thread's kernel and all that lies in its memory. */
export class Workshop {
  readonly #kernel = new Kernel()
  readonly #layout: Layout
  readonly #passes: Passes
  readonly #kept: Kept[] = []
  readonly #gradients: Address
  #uses = 0
  #sampler: Sampler | undefined
  #updater: Updater | undefined

  constructor(shape: Shape) {
    this.#layout = layoutOf(shape)
    this.#passes = new Passes(this.#kernel, this.#layout)
    this.#gradients = this.#kernel.allocate(this.#layout.size)
  }

  /** Does its share of a job, handing over results as they are ready. */
  do(job: Job, part: (part: JobPart) => void): void {
    if (job.kind === 'sample') this.#sample(job, part)
    else if (job.kind === 'read') this.#read(job, part)
    else if (job.kind === 'gradients') this.#shards(job, part)
    else {
      this.#updater ??= new Updater(this.#kernel, this.#layout)
      part({ kind: 'updated', norm: this.#updater.update(job.buffers, job.settings, job.tensors) })
    }
  }

  #sample(job: Job & { kind: 'sample' }, part: (part: JobPart) => void): void {
    const weights = this.#load(job.weights, false)
    this.#sampler ??= new Sampler(this.#passes)
    const next = (): { index: number; group: (typeof job.groups)[number] } | undefined => {
      const index = take(job.control, 1)
      const group = job.groups[index]
      return group && !isStopped(job.control) ? { index, group } : undefined
    }
    for (const results of this.#sampler.run(weights, next, job.width)) {
      part({ kind: 'sampled', results })
      if (isStopped(job.control)) return
    }
  }

  #read(job: Job & { kind: 'read' }, part: (part: JobPart) => void): void {
    const weights = this.#load(job.weights, false)
    for (;;) {
      const first = take(job.control, ITEMS_TAKEN)
      const end = Math.min(first + ITEMS_TAKEN, job.items.length)
      for (let start = first; start < end;) {
        if (isStopped(job.control)) return
        const items = itemsThatFit(this.#passes, job.items.slice(0, end), start)
        if (items.length === 0) throw new RangeError('A text is longer than a pass')
        part({ kind: 'read', start, results: readItems(this.#passes, weights, items) })
        start += items.length
      }
      if (first >= job.items.length) return
    }
  }

  #shards(job: Job & { kind: 'gradients' }, part: (part: JobPart) => void): void {
    const weights = this.#load(job.weights, true)
    const { size } = this.#layout
    const losses = job.shards.map(({ shard, items }) => {
      this.#kernel.floats(this.#gradients, size).fill(0)
      const loss = shardGradients(this.#passes, weights, items, job.scale, this.#gradients)
      job.gradients.set(this.#kernel.floats(this.#gradients, size), shard * size)
      return { shard, loss }
    })
    part({ kind: 'losses', losses })
  }

  #load({ key, values }: SharedWeights, training: boolean): LoadedWeights {
    this.#uses++
    let kept = this.#kept.find((k) => k.key === key)
    if (kept && (kept.training || !training)) {
      kept.lastUse = this.#uses
      return kept.place
    }
    if (!kept) {
      if (this.#kept.length < WEIGHTS_KEPT) {
        kept = { place: reserveWeights(this.#kernel, this.#layout), key, training, lastUse: 0 }
        this.#kept.push(kept)
      } else {
        kept = this.#kept.reduce((oldest, k) => (k.lastUse < oldest.lastUse ? k : oldest))
      }
    }
    loadWeights(this.#kernel, kept.place, values, training)
    Object.assign(kept, { key, training, lastUse: this.#uses })
    return kept.place
  }
}

const take = (control: Control, count: number): number => Atomics.add(control, 0, count)
const isStopped = (control: Control): boolean => Atomics.load(control, 1) === 1
