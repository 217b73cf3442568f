import type { BlobStore } from '../../events/blobs.ts'
import { type Json, maxInlineBytes, type Recorded } from '../../events/event.ts'
import { rolloutDrawn } from '../../events/vocabulary/reinforcement.ts'
import { readFloat32, writeFloat32 } from '../../lineage/attribution/features.ts'
import { outcomeOf } from '../../lineage/outcome.ts'

/** What a rollout was sampled as. */
export interface RolloutTokens {
  /** The stop mark included. */
  readonly tokenIds: Uint32Array
  /** Natural log-probability of each token as sampled. */
  readonly logprobs: Float32Array
}

/** As they stand in `out`: as base64, or in a blob where they are larger than 8 KiB. */
export const storedTokens = async (
  blobs: BlobStore,
  { tokenIds, logprobs }: RolloutTokens,
): Promise<{ readonly [field: string]: Json }> => {
  const ids = writeUint32(tokenIds)
  const probabilities = writeFloat32(logprobs)
  if (ids.length + probabilities.length > maxInlineBytes)
    return { blob: { ...(await blobs.put(Buffer.concat([ids, probabilities]))) } }
  return {
    token_ids: Buffer.from(ids).toString('base64'),
    logprobs_nats: Buffer.from(probabilities).toString('base64'),
  }
}

/** The tokens that a recorded rollout was sampled as. @throws BlobMissing, BlobDamaged */
export const tokensOf = async (blobs: BlobStore, { event }: Recorded): Promise<RolloutTokens> => {
  const { tokens, token_ids = '', logprobs_nats = '', blob } = outcomeOf(rolloutDrawn, event)!
  if (blob === undefined)
    return {
      tokenIds: readUint32(Buffer.from(token_ids, 'base64')),
      logprobs: readFloat32(Buffer.from(logprobs_nats, 'base64')),
    }
  const bytes = await blobs.get(blob.digest)
  return {
    tokenIds: readUint32(bytes.subarray(0, 4 * tokens)),
    logprobs: readFloat32(bytes.subarray(4 * tokens)),
  }
}

const readUint32 = (bytes: Uint8Array): Uint32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true))
}

const writeUint32 = (values: Uint32Array): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setUint32(i * 4, value, true))
  return bytes
}
