import { createHash } from 'node:crypto'
import { nearNormal, randomFrom } from '../random.ts'
import type { Layout } from './shape.ts'

/** Fresh weights from a seed. */
export function initialWeights(layout: Layout, seed: number): Float32Array<SharedArrayBuffer> {
  const random = randomFrom(seed)
  const weights = sharedFloats(layout.size)
  for (const tensor of layout.tensors) {
    for (let i = tensor.offset; i < tensor.offset + tensor.size; i++) {
      weights[i] = tensor.spread === 0 ? 1 : tensor.spread * nearNormal(random)
    }
  }
  return weights
}

/** Floats that worker threads can see without a copy. */
export const sharedFloats = (count: number): Float32Array<SharedArrayBuffer> =>
  new Float32Array(new SharedArrayBuffer(4 * count))

/** sha-256 over the tensors sorted by name: for each a line `name F32 [shape]`, then its little-endian bytes. */
export function weightsDigest(layout: Layout, weights: Float32Array): string {
  const hash = createHash('sha256')
  for (const tensor of layout.tensors) {
    hash.update(`${tensor.name} F32 ${JSON.stringify(tensor.shape)}\n`)
    hash.update(new Uint8Array(weights.buffer, weights.byteOffset + 4 * tensor.offset, 4 * tensor.size))
  }
  return hash.digest('hex')
}
