import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differencesOf, fitScale, readFloat32, writeFloat32 } from '../../../lineage/attribution/features.ts'
import {
  decodeHead,
  digestOfHead,
  encodeHead,
  rewardOf,
  UnreadableHead,
} from '../../../lineage/attribution/head.ts'

const head = {
  dimensions: 2,
  pooling: 'mean',
  lambda: 1,
  scale: Float64Array.of(0.1, 2),
  theta: Float64Array.of(1 / 3, -0),
}

describe('the head of a preference model', () => {
  it('comes back from its bytes with every bit, and with the same digest', () => {
    const back = decodeHead(encodeHead(head))
    expect(back.theta[0]).toBe(1 / 3)
    expect(digestOfHead(back)).toBe(digestOfHead(head))
    expect(digestOfHead({ ...head, scale: Float64Array.of(0.1, 2.0000000000000004) })).not.toBe(
      digestOfHead(head),
    )
  })

  it('gives θ·(f / scale) as the reward', () => {
    expect(rewardOf(head, Float32Array.of(0.5, 7))).toBeCloseTo(5 / 3, 12)
    expect(() => rewardOf(head, Float32Array.of(1))).toThrow('expected 2 features')
  })

  it('refuses bytes that are no head, and says why', () => {
    expect(() => decodeHead(Buffer.from('{}'))).toThrow(UnreadableHead)
    expect(() => decodeHead(Buffer.from('no'))).toThrow('not canonical JSON')
    const short = Buffer.from('{"dimensions":2,"lambda":1,"pooling":"mean","scale":[1],"theta":[1,2]}')
    expect(() => decodeHead(short)).toThrow('holds 1 scales')
  })
})

describe('features', () => {
  it('are scaled by their standard deviation over both answers, a constant one by a tiny constant', () => {
    const features = Float32Array.of(1, 5, 3, 5, 1, 5, 3, 5)
    const scale = fitScale(features, 2)
    expect([...scale]).toEqual([1, 1e-6])
    expect([...differencesOf(features, scale)]).toEqual([-2, 0, -2, 0])
  })

  it('survive the way through little-endian bytes', () => {
    fc.assert(
      fc.property(fc.float32Array(), (values) => {
        expect(readFloat32(writeFloat32(values))).toEqual(values)
      }),
    )
  })
})
