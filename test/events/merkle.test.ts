import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merkleRoot, merkleRootOfPacked, rootOfLeafHashes } from '../../events/merkle.ts'
import { sealOf } from '../../events/seal.ts'
import { anyDigest } from './arbitrary-event.ts'

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const leafHash = (leaf: Uint8Array): Buffer => sha256(Uint8Array.of(0), leaf)

/** RFC 6962, section 2.1, word for word. */
const naive = (leaves: readonly Uint8Array[]): Buffer => {
  const [first] = leaves
  if (first === undefined) return sha256()
  if (leaves.length === 1) return leafHash(first)
  let k = 1
  while (2 * k < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), naive(leaves.slice(0, k)), naive(leaves.slice(k)))
}

const fromHex = (digest: string): Buffer => Buffer.from(digest, 'hex')

describe('the Merkle tree hash', () => {
  // The vectors of the Certificate Transparency log's own tests.
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ]
  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of the first %i leaves of Certificate Transparency is theirs', (count, root) => {
    const some = leaves.slice(0, count).map(fromHex)
    expect(naive(some).toString('hex')).toBe(root)
    expect(rootOfLeafHashes(Buffer.concat(some.map(leafHash)))).toBe(root)
  })

  it('of digests is what the RFC says, for every number of leaves', () => {
    const digests = Array.from({ length: 300 }, (_, index) => sha256(Buffer.from(`${index}`)).toString('hex'))
    for (let count = 0; count <= digests.length; count++) {
      const some = digests.slice(0, count)
      expect(merkleRoot(some)).toBe(naive(some.map(fromHex)).toString('hex'))
    }
  })

  it('refuses what is no digest', () => {
    expect(() => merkleRoot(['ab'])).toThrow('is not a sha-256')
    expect(() => merkleRoot(['zz'.repeat(32)])).toThrow('is not a sha-256')
    expect(() => merkleRootOfPacked(new Uint8Array(33))).toThrow('no whole number')
  })
})

describe('the seal', () => {
  it('is the root over the ids, ascending, each once', () => {
    fc.assert(
      fc.property(fc.array(anyDigest, { maxLength: 60 }), (ids) => {
        const sorted = [...new Set(ids)].toSorted()
        expect(sealOf([...ids, ...ids.slice(0, 20)])).toEqual({
          seal: merkleRoot(sorted),
          events: sorted.length,
        })
      }),
    )
  })

  it('orders ids by all their bytes where they begin alike', () => {
    const ids = ['ff', '00', '7f', '80', '01'].map((end) => 'ab'.repeat(31) + end)
    expect(sealOf(ids).seal).toBe(merkleRoot(ids.toSorted()))
  })

  it('does not depend on the order in which ids come, nor on how often', () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => sha256(Buffer.from(`${index}`)).toString('hex'))
    const once = sealOf(new Set(ids))
    expect(once.events).toBe(5_000)
    expect(sealOf([...ids.toReversed(), ...ids])).toEqual(once)
    expect(sealOf(ids.slice(1)).seal).not.toBe(once.seal)
  })

  it('of nothing is the sha-256 of nothing', () => {
    expect(sealOf([])).toEqual({
      seal: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      events: 0,
    })
  })
})
