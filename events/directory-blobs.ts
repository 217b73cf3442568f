import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore } from './blobs.ts'
import { sha256Hex } from './canonical.ts'
import { BlobDamaged, BlobMissing, BlobNotWritten } from './errors.ts'
import { type BlobRef, type Digest, digestSchema } from './event.ts'

/** Where files are written before they get their name. */
const asideName = 'writing'
/** A file aside that is older is what a killed process left: no write takes as long. */
const leftoverAge_ms = 86_400_000

/**
 * A blob store in a folder: the blob `abcdef…` is the file `ab/cdef…`. A file appears under its name only when all its
 * bytes are on the disk, and `put` resolves when its name is too. Several processes may share the folder.
 */
export const openDirectoryBlobs = async (folder: string): Promise<BlobStore> => {
  await mkdir(join(folder, asideName), { recursive: true, mode: 0o700 })
  await removeLeftovers(join(folder, asideName))
  await syncFolder(dirname(folder))
  return new DirectoryBlobs(folder)
}

class DirectoryBlobs implements BlobStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    const digest = sha256Hex(bytes)
    const path = this.#pathOf(digest)
    try {
      // A file with the right name and other bytes is damaged: it is written anew.
      if ((await digestOfFile(path)) !== digest) await this.#write(path, bytes)
      // Always, since another process may have made folder or name a moment ago and not yet synced them.
      await syncFolder(this.#folder)
      await syncFolder(dirname(path))
    } catch (error) {
      throw new BlobNotWritten(digest, this.#folder, error)
    }
    return { digest, bytes: bytes.length }
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = await readFile(this.#pathOf(digest)).catch((error: unknown) => {
      if (isAbsent(error)) throw new BlobMissing(digest, this.#folder, error)
      throw error
    })
    const found = sha256Hex(bytes)
    if (found !== digest) throw new BlobDamaged(digest, this.#folder, found)
    return bytes
  }

  async has(digest: Digest): Promise<boolean> {
    const entry = await absentAs(undefined, stat(this.#pathOf(digest)))
    return entry?.isFile() ?? false
  }

  async release(digest: Digest): Promise<void> {
    await absentAs(undefined, unlink(this.#pathOf(digest)))
  }

  async *list(): AsyncGenerator<BlobRef> {
    for (const start of (await readdir(this.#folder)).toSorted()) {
      if (!/^[0-9a-f]{2}$/.test(start)) continue
      for (const rest of (await readdir(join(this.#folder, start))).toSorted()) {
        if (!/^[0-9a-f]{62}$/.test(rest)) continue
        const entry = await absentAs(undefined, stat(join(this.#folder, start, rest)))
        if (entry?.isFile()) yield { digest: start + rest, bytes: entry.size }
      }
    }
  }

  /** @throws where the digest is none, so that no name can lead out of the folder */
  #pathOf(digest: Digest): string {
    const checked = digestSchema.parse(digest)
    return join(this.#folder, checked.slice(0, 2), checked.slice(2))
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const aside = join(this.#folder, asideName, randomUUID())
    try {
      const file = await open(aside, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      if ((await mkdir(dirname(path), { recursive: true, mode: 0o700 })) !== undefined)
        await syncFolder(this.#folder)
      await rename(aside, path)
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const absentAs = async <T, U>(instead: U, found: Promise<T>): Promise<T | U> => {
  try {
    return await found
  } catch (error) {
    if (isAbsent(error)) return instead
    throw error
  }
}

const digestOfFile = async (path: string): Promise<Digest | undefined> => {
  const bytes = await absentAs(undefined, readFile(path))
  return bytes === undefined ? undefined : sha256Hex(bytes)
}

/** Makes the names in a folder durable. Windows has no such call, and writes them through by itself. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const removeLeftovers = async (aside: string): Promise<void> => {
  for (const name of await readdir(aside)) {
    const path = join(aside, name)
    const entry = await absentAs(undefined, stat(path))
    if (entry !== undefined && Date.now() - entry.mtimeMs > leftoverAge_ms) await rm(path, { force: true })
  }
}
