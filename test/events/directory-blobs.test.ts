import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import { openDirectoryBlobs } from '../../events/directory-blobs.ts'
import { testBlobStore } from '../../events/testing/blob-conformance.ts'

const newFolder = async (): Promise<string> => mkdtemp(join(tmpdir(), 'hansard-blobs-'))

testBlobStore({ describe, it, expect }, 'a directory', async () => {
  const folder = await newFolder()
  return {
    store: await openDirectoryBlobs(folder),
    reopen: async () => openDirectoryBlobs(folder),
    damage: async (digest, bytes) => writeFile(join(folder, digest.slice(0, 2), digest.slice(2)), bytes),
    dispose: async () => rm(folder, { recursive: true, force: true }),
  }
})

describe('a folder of blobs', () => {
  it('holds each blob under its digest, and nothing aside once it is put', async () => {
    const folder = await newFolder()
    const store = await openDirectoryBlobs(join(folder, 'new', 'blobs'))
    const { digest } = await store.put(Buffer.from('weights'))
    expect(digest).toBe(sha256Hex('weights'))
    expect(await readdir(join(folder, 'new', 'blobs', digest.slice(0, 2)))).toEqual([digest.slice(2)])
    expect(await readdir(join(folder, 'new', 'blobs', 'writing'))).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('forgets what a killed process left long ago, and leaves alone what may still be written', async () => {
    const folder = await newFolder()
    await openDirectoryBlobs(folder)
    const [old, young] = ['old', 'young'].map((name) => join(folder, 'writing', name)) as [string, string]
    await writeFile(old, 'half')
    await writeFile(young, 'half')
    const longAgo = new Date(Date.now() - 2 * 86_400_000)
    await utimes(old, longAgo, longAgo)
    await openDirectoryBlobs(folder)
    expect(await readdir(join(folder, 'writing'))).toEqual(['young'])
    await rm(folder, { recursive: true })
  })

  it('does not list files and folders that are no blobs', async () => {
    const folder = await newFolder()
    const store = await openDirectoryBlobs(folder)
    const ref = await store.put(Buffer.from('a blob'))
    await writeFile(join(folder, 'README'), 'hello')
    await writeFile(join(folder, ref.digest.slice(0, 2), 'stray'), 'hello')
    await mkdir(join(folder, ref.digest.slice(0, 2), 'f'.repeat(62)))
    const listed = []
    for await (const one of store.list()) listed.push(one)
    expect(listed).toEqual([ref])
    await rm(folder, { recursive: true })
  })

  it('says which blob could not be written, why, and how to go on', async () => {
    const folder = await newFolder()
    const store = await openDirectoryBlobs(folder)
    // A file where the blob's folder should be: root, too, is stopped by it.
    await writeFile(join(folder, sha256Hex('weights').slice(0, 2)), '')
    await expect(store.put(Buffer.from('weights'))).rejects.toMatchObject({
      code: 'blob_not_written',
      message: expect.stringContaining(sha256Hex('weights')) as string,
      mend: expect.stringContaining('make room') as string,
    })
    expect(await readdir(join(folder, 'writing'))).toEqual([])
    await rm(folder, { recursive: true })
  })
})
