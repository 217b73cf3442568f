import type { Digest, EventId } from './event.ts'
import { merkleRootOfPacked, writeDigest } from './merkle.ts'

const digestBytes = 32

export interface Seal {
  /** RFC 6962 root over the ids. */
  readonly seal: Digest
  /** Leaves under it. */
  readonly events: number
}

/**
 * The seal over event ids: they are sorted, duplicates left out, and their Merkle tree hash taken.
 * Ids are packed (32 bytes each), so that a run of 7 million events needs some 500 MB and not a gigabyte of strings.
 */
export const sealOf = (ids: Iterable<EventId>): Seal => {
  const packed = pack(ids)
  const sorted = sortUnique(packed)
  return { seal: merkleRootOfPacked(sorted), events: sorted.length / digestBytes }
}

const pack = (ids: Iterable<EventId>): Buffer => {
  let packed = Buffer.allocUnsafe(1024 * digestBytes)
  let count = 0
  for (const id of ids) {
    if (count * digestBytes === packed.length) packed = Buffer.concat([packed], packed.length * 2)
    writeDigest(packed, id, count++)
  }
  return packed.subarray(0, count * digestBytes)
}

/** Ascending by bytes, equal ones once. Sorts indices by their first 48 bits, and compares all bytes where these tie. */
const sortUnique = (packed: Buffer): Buffer => {
  const count = packed.length / digestBytes
  const heads = new Float64Array(count)
  const order = new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    heads[index] = packed.readUIntBE(index * digestBytes, 6)
    order[index] = index
  }
  const compareAll = (a: number, b: number): number =>
    packed.compare(packed, b * digestBytes, (b + 1) * digestBytes, a * digestBytes, (a + 1) * digestBytes)
  order.sort((a, b) => heads[a]! - heads[b]! || compareAll(a, b))
  const sorted = Buffer.allocUnsafe(packed.length)
  let kept = 0
  for (let rank = 0; rank < count; rank++) {
    if (rank > 0 && compareAll(order[rank - 1]!, order[rank]!) === 0) continue
    const from = order[rank]! * digestBytes
    packed.copy(sorted, kept++ * digestBytes, from, from + digestBytes)
  }
  return sorted.subarray(0, kept * digestBytes)
}
