import { hash } from 'node:crypto'
import type { Digest } from './event.ts'
import { excerpt } from './excerpt.ts'

const digestBytes = 32
/** Domain separation of RFC 6962: a leaf is hashed after 0x00, two nodes after 0x01. */
const leafPrefix = 0
const nodePrefix = 1

/**
 * Merkle tree hash (RFC 6962, section 2.1) over digests, each leaf its 32 raw bytes, in the order given.
 * Of no leaves: sha-256 of nothing.
 */
export const merkleRoot = (leaves: readonly Digest[]): Digest => {
  const packed = Buffer.allocUnsafe(leaves.length * digestBytes)
  for (let index = 0; index < leaves.length; index++) writeDigest(packed, leaves[index]!, index)
  return merkleRootOfPacked(packed)
}

/** `merkleRoot` over leaves that stand one after the other, 32 bytes each. */
export const merkleRootOfPacked = (leaves: Uint8Array): Digest => {
  const count = leaves.length / digestBytes
  if (!Number.isInteger(count)) throw new RangeError(`${leaves.length} bytes are no whole number of digests`)
  return rootOfLeafHashes(hashLeaves(leaves, count))
}

/** The root over leaf hashes (sha-256 of 0x00 and the leaf) that stand one after the other. Overwrites them. */
export const rootOfLeafHashes = (level: Buffer): Digest => {
  const count = level.length / digestBytes
  if (count === 0) return hash('sha256', '', 'hex')
  // The RFC splits at the largest power of two below n. Pairing neighbours level by level, an odd last node going up
  // as it is, gives the same tree.
  const pair = Buffer.alloc(1 + 2 * digestBytes)
  pair[0] = nodePrefix
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    for (let left = 0; left < width; left += 2) {
      const to = (left / 2) * digestBytes
      const from = left * digestBytes
      if (left + 1 === width) level.copyWithin(to, from, from + digestBytes)
      else {
        level.copy(pair, 1, from, from + 2 * digestBytes)
        hash('sha256', pair, 'buffer').copy(level, to)
      }
    }
  }
  return level.toString('hex', 0, digestBytes)
}

const hashLeaves = (leaves: Uint8Array, count: number): Buffer => {
  const level = Buffer.allocUnsafe(leaves.length)
  const leaf = Buffer.alloc(1 + digestBytes)
  leaf[0] = leafPrefix
  for (let index = 0; index < count; index++) {
    leaf.set(leaves.subarray(index * digestBytes, (index + 1) * digestBytes), 1)
    hash('sha256', leaf, 'buffer').copy(level, index * digestBytes)
  }
  return level
}

/** Writes a digest's 32 bytes at place `index` of packed digests. @throws RangeError where it is not 64 hexadecimal digits */
export const writeDigest = (packed: Buffer, digest: Digest, index: number): void => {
  if (digest.length !== 2 * digestBytes || packed.write(digest, index * digestBytes, 'hex') !== digestBytes)
    throw new RangeError(`${excerpt(digest)} is not a sha-256`)
}
