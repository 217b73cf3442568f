import type { ReadItem, ReadResult } from '../lm/reader.ts'
import type { Sampled, SampleGroup } from '../lm/sampler.ts'
import type { Shape } from '../lm/shape.ts'
import type { TrainingItem } from '../training/shard.ts'
import type { TrainingBuffers, UpdateSettings } from '../training/update.ts'

/** Weights in shared memory; equal keys mean equal bits, so that a thread loads them once. */
export interface SharedWeights {
  readonly key: string
  readonly values: Float32Array<SharedArrayBuffer>
}

/** Shared by the threads that work on one job: the next item to take, and whether to stop (1). */
export type Control = Int32Array<SharedArrayBuffer>

export type Job =
  | {
      readonly kind: 'sample'
      readonly weights: SharedWeights
      readonly groups: readonly SampleGroup[]
      readonly control: Control
      /** Rows at once on each thread. */
      readonly width: number
    }
  | {
      readonly kind: 'read'
      readonly weights: SharedWeights
      readonly items: readonly ReadItem[]
      readonly control: Control
    }
  | {
      readonly kind: 'gradients'
      readonly weights: SharedWeights
      readonly shards: readonly { readonly shard: number; readonly items: readonly TrainingItem[] }[]
      readonly scale: number
      readonly gradients: Float32Array<SharedArrayBuffer>
    }
  | {
      readonly kind: 'update'
      readonly buffers: TrainingBuffers
      readonly settings: UpdateSettings
      readonly tensors: readonly number[]
    }

/** Results of a job; parts come as they are ready, `done` is last. */
export type JobPart =
  | { readonly kind: 'sampled'; readonly results: readonly Sampled[] }
  | { readonly kind: 'read'; readonly start: number; readonly results: readonly ReadResult[] }
  | { readonly kind: 'losses'; readonly losses: readonly { readonly shard: number; readonly loss: number }[] }
  | { readonly kind: 'updated'; readonly norm: number }

export type Message = { readonly id: number; readonly job: Job }
export type Reply =
  | { readonly id: number; readonly part: JobPart }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly error: string }

export interface WorkerSettings {
  readonly shape: Shape
}
