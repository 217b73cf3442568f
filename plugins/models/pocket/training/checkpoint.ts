import { BrokenTensors } from '../errors.ts'
import { decodeTensors, encodeTensors, type NamedTensor } from '../lm/safetensors.ts'
import type { Layout } from '../lm/shape.ts'
import { sharedFloats } from '../lm/weights.ts'
import type { TrainingState } from './training.ts'

/** Prefixes of the optimiser's tensors, which stand after the weights. */
const MOMENTS = { m: 'm/', v: 'v/' } as const

function named(layout: Layout, all: Float32Array, prefix: string): NamedTensor[] {
  return layout.tensors.map(({ name, shape, offset, size }) => ({
    name: prefix + name,
    shape,
    values: all.subarray(offset, offset + size),
  }))
}

/** Weights alone, as a file. */
export const encodeWeights = (layout: Layout, weights: Float32Array): Uint8Array =>
  encodeTensors({ tensors: named(layout, weights, ''), metadata: {} })

/** Everything that going on needs. */
export const encodeCheckpoint = (
  layout: Layout,
  state: TrainingState,
  notes: Record<string, string> = {},
): Uint8Array =>
  encodeTensors({
    tensors: [
      ...named(layout, state.weights, ''),
      ...named(layout, state.m, MOMENTS.m),
      ...named(layout, state.v, MOMENTS.v),
    ],
    metadata: { ...notes, step: String(state.step) },
  })

function collect(
  layout: Layout,
  byName: ReadonlyMap<string, NamedTensor>,
  prefix: string,
): Float32Array<SharedArrayBuffer> {
  const all = sharedFloats(layout.size)
  for (const { name, shape, offset } of layout.tensors) {
    const found = byName.get(prefix + name)
    if (!found || found.shape.join() !== shape.join()) {
      throw new BrokenTensors(`it has no tensor ${prefix + name} of shape ${shape.join(' x ')}`)
    }
    all.set(found.values, offset)
  }
  return all
}

/** The weights in a file of weights or in a checkpoint. */
export function decodeWeights(layout: Layout, bytes: Uint8Array): Float32Array<SharedArrayBuffer> {
  const { tensors } = decodeTensors(bytes)
  return collect(layout, new Map(tensors.map((tensor) => [tensor.name, tensor])), '')
}

export interface Checkpoint {
  readonly state: TrainingState
  readonly notes: Readonly<Record<string, string>>
}

export function decodeCheckpoint(layout: Layout, bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeTensors(bytes)
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const step = Number(metadata['step'])
  if (!Number.isSafeInteger(step)) throw new BrokenTensors('it does not say at which step it was made')
  return {
    state: {
      weights: collect(layout, byName, ''),
      m: collect(layout, byName, MOMENTS.m),
      v: collect(layout, byName, MOMENTS.v),
      step,
    },
    notes: metadata,
  }
}
