import { createHash } from 'node:crypto'
import { encodeCanonical } from '../../../../events/canonical.ts'
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

/** sha-256 over the tensors sorted by name: for each, the canonical [name, dtype, shape] and its little-endian bytes. */
export function weightsDigest(layout: Layout, weights: Float32Array): string {
  const hash = createHash('sha256')
  for (const { name, shape, offset, size } of layout.tensors) {
    hash.update(encodeCanonical([name, 'float32', shape]))
    hash.update(new Uint8Array(weights.buffer, weights.byteOffset + 4 * offset, 4 * size))
  }
  return hash.digest('hex')
}
