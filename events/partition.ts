/**
 * The partition of a key, as Kafka's own clients choose it: murmur2 of the UTF-8 bytes, made positive, mod partitions
 * (org.apache.kafka.common.utils.Utils). So anyone can tell from a record's value alone where it stands.
 */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key)) & 0x7fff_ffff) % partitions

const multiplier = 0x5bd1_e995
const seed = 0x9747_b28c

/** MurmurHash2 by Austin Appleby, 32 bits, with Kafka's seed. @returns a signed 32-bit integer */
export const murmur2 = (data: Uint8Array): number => {
  const { length } = data
  let h = seed ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const word = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
    const mixed = Math.imul(word, multiplier)
    h = Math.imul(h, multiplier) ^ Math.imul(mixed ^ (mixed >>> 24), multiplier)
  }
  if (at < length) {
    for (let rest = length - at - 1; rest >= 0; rest--) h ^= data[at + rest]! << (8 * rest)
    h = Math.imul(h, multiplier)
  }
  h = Math.imul(h ^ (h >>> 13), multiplier)
  return h ^ (h >>> 15)
}
