import type { Layout } from '../lm/shape.ts'
import { sharedFloats } from '../lm/weights.ts'
import type { Crew } from '../workers/crew.ts'
import type { SharedWeights } from '../workers/jobs.ts'
import { SHARDS, shardOf, type TrainingItem } from './shard.ts'
import { shareOfTensors, type TrainingBuffers, type UpdateSettings } from './update.ts'

/** All that a training needs to go on, in the layout's order. */
export interface TrainingState {
  readonly weights: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  /** Steps made. */
  readonly step: number
}

export type StepSettings = Omit<UpdateSettings, 'step'>

export interface StepResult {
  readonly step: number
  /** Weighted loss over the total weight, in nats. */
  readonly loss: number
  /** Before clipping. */
  readonly gradientNorm: number
}

let trainings = 0

/** Weights under training, and the steps that change them. */
export class Training {
  readonly #crew: Crew
  readonly #buffers: TrainingBuffers
  readonly #shares: number[][]
  readonly #name = `training ${trainings++}`
  #step: number

  constructor(crew: Crew, layout: Layout, start: Float32Array | TrainingState) {
    this.#crew = crew
    const state =
      start instanceof Float32Array
        ? { weights: start, m: new Float32Array(layout.size), v: new Float32Array(layout.size), step: 0 }
        : start
    this.#buffers = {
      weights: sharedFloats(layout.size),
      m: sharedFloats(layout.size),
      v: sharedFloats(layout.size),
      gradients: sharedFloats(SHARDS * layout.size),
    }
    this.#buffers.weights.set(state.weights)
    this.#buffers.m.set(state.m)
    this.#buffers.v.set(state.v)
    this.#step = state.step
    this.#shares = shareOfTensors(layout, crew.threads)
  }

  /** The weights as they are now; the next step changes them in place. */
  get weights(): SharedWeights {
    return { key: `${this.#name} step ${this.#step}`, values: this.#buffers.weights }
  }

  get state(): TrainingState {
    const { weights, m, v } = this.#buffers
    return { weights, m, v, step: this.#step }
  }

  /**
   * One optimiser step on the sum over tokens of weight * -log p, divided by `total`. The order of the
   * items is part of the result: item i belongs to shard i mod 4.
   */
  async step(items: readonly TrainingItem[], total: number, settings: StepSettings): Promise<StepResult> {
    const losses = new Float64Array(SHARDS)
    const { threads } = this.#crew
    const scale = 1 / total
    const shards = Array.from({ length: SHARDS }, (_, shard) => ({ shard, items: shardOf(items, shard) }))
    await this.#crew.run(
      (thread) => ({
        kind: 'gradients',
        weights: this.weights,
        shards: shards.filter(({ shard }) => shard % threads === thread),
        scale,
        gradients: this.#buffers.gradients,
      }),
      (part) => {
        if (part.kind === 'losses') for (const { shard, loss } of part.losses) losses[shard] = loss
      },
    )
    let gradientNorm = 0
    const step = this.#step + 1
    await this.#crew.run(
      (thread) => ({
        kind: 'update',
        buffers: this.#buffers,
        settings: { ...settings, step },
        tensors: this.#shares[thread] as number[],
      }),
      (part) => {
        if (part.kind === 'updated') gradientNorm = part.norm
      },
    )
    this.#step = step
    return { step, loss: losses.reduce((sum, loss) => sum + loss, 0) * scale, gradientNorm }
  }
}
