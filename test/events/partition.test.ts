import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf } from '../../events/partition.ts'

describe('the partition of a key', () => {
  // The vectors of Kafka's own UtilsTest.
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('hashes %s as Kafka does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
    expect(partitionOf(key, 6)).toBe((hash & 0x7fff_ffff) % 6)
  })

  it('is one of the partitions, for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions)
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true)
      }),
    )
  })

  it('spreads keys over all partitions', () => {
    const counts = Array.from({ length: 6 }, () => 0)
    for (let i = 0; i < 6_000; i++) counts[partitionOf(`prompt ${i}`, 6)]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})
