import { randomBytes } from 'node:crypto'
import type { describe, expect, it } from 'vitest'
import type { BlobStore } from '../blobs.ts'
import { sha256Hex } from '../canonical.ts'
import type { BlobRef, Digest } from '../event.ts'

/** What the suite is written with: vitest's own functions, or ones that behave like them. */
export interface TestFunctions {
  readonly describe: typeof describe
  readonly it: typeof it
  readonly expect: typeof expect
}

/** A blob store under test, and what a test must do behind its back. */
export interface BlobFixture {
  readonly store: BlobStore
  /** Another store on the same blobs, as another process would open it. */
  readonly reopen: () => Promise<BlobStore>
  /** Replaces the stored bytes of a blob without telling the store. */
  readonly damage: (digest: Digest, bytes: Uint8Array) => Promise<void>
  readonly dispose: () => Promise<void>
}

const gather = async (refs: AsyncIterable<BlobRef>): Promise<readonly BlobRef[]> => {
  const all: BlobRef[] = []
  for await (const ref of refs) all.push(ref)
  return all.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
}

/** What every adapter of `BlobStore` promises. Call it in a test file, with a factory that opens an empty store. */
export const testBlobStore = (
  { describe, it, expect }: TestFunctions,
  name: string,
  open: () => Promise<BlobFixture>,
): void => {
  const using = (test: (fixture: BlobFixture) => Promise<void>) => async (): Promise<void> => {
    const fixture = await open()
    try {
      await test(fixture)
    } finally {
      await fixture.dispose()
    }
  }
  const text = (words: string): Uint8Array => Buffer.from(words)
  const unknown = sha256Hex('never stored')

  describe(`${name} as a blob store`, () => {
    it(
      'names a blob by its sha-256 and gives its bytes back',
      using(async ({ store }) => {
        for (const bytes of [new Uint8Array(0), text('weights'), randomBytes(3_000_000)]) {
          const ref = await store.put(bytes)
          expect(ref).toEqual({ digest: sha256Hex(bytes), bytes: bytes.length })
          expect(await store.has(ref.digest)).toBe(true)
          expect(Buffer.compare(await store.get(ref.digest), bytes)).toBe(0)
        }
      }),
    )

    it(
      'stores what is put twice once, also from two sides at the same time',
      using(async ({ store, reopen }) => {
        const other = await reopen()
        const bytes = randomBytes(200_000)
        const refs = await Promise.all([store, other, store, other].map(async (one) => one.put(bytes)))
        expect(new Set(refs.map(({ digest }) => digest)).size).toBe(1)
        expect(await gather(store.list())).toEqual([refs[0]])
        expect(Buffer.compare(await other.get(refs[0]!.digest), bytes)).toBe(0)
      }),
    )

    it(
      'keeps the bytes as they were when they were put',
      using(async ({ store }) => {
        const bytes = Buffer.from('before')
        const { digest } = await store.put(bytes)
        bytes.write('after!')
        expect(await store.get(digest)).toEqual(Buffer.from('before'))
      }),
    )

    it(
      'shows what was put to whoever opens it later',
      using(async ({ store, reopen }) => {
        const { digest } = await store.put(text('kept'))
        expect(Buffer.from(await (await reopen()).get(digest)).toString()).toBe('kept')
      }),
    )

    it(
      'says that a blob is missing',
      using(async ({ store }) => {
        expect(await store.has(unknown)).toBe(false)
        await expect(store.get(unknown)).rejects.toMatchObject({ code: 'blob_missing' })
      }),
    )

    it(
      'refuses a name that is no digest',
      using(async ({ store }) => {
        for (const noDigest of [
          '',
          'abc',
          '../../etc/passwd',
          `${unknown.slice(1)}/`,
          unknown.toUpperCase(),
        ]) {
          await expect(store.get(noDigest)).rejects.toThrow()
          await expect(store.has(noDigest)).rejects.toThrow()
        }
      }),
    )

    it(
      'finds a changed, a shorter, a longer and an emptied blob, and writes it anew when it is put again',
      using(async ({ store, damage }) => {
        const whole = randomBytes(50_000)
        const flipped = Uint8Array.from(whole)
        flipped[31_337]! ^= 1
        const damages = [flipped, whole.subarray(1), Buffer.concat([whole, text('x')]), new Uint8Array(0)]
        for (const bytes of damages) {
          const { digest } = await store.put(whole)
          await damage(digest, bytes)
          await expect(store.get(digest)).rejects.toMatchObject({ code: 'blob_damaged' })
          await store.put(whole)
          expect(Buffer.compare(await store.get(digest), whole)).toBe(0)
        }
      }),
    )

    it(
      'lists what it holds, and nothing that was released',
      using(async ({ store }) => {
        const refs = []
        for (let index = 0; index < 20; index++) refs.push(await store.put(text(`blob ${index}`)))
        const [gone, ...kept] = refs
        await store.release(gone!.digest)
        await store.release(gone!.digest)
        await store.release(unknown)
        expect(await store.has(gone!.digest)).toBe(false)
        expect(await gather(store.list())).toEqual(kept.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
      }),
    )
  })
}
