import type { BlobRef, Digest } from './event.ts'

/** Files addressed by their sha-256. Adapters: a directory, and S3-compatible stores. */
export interface BlobStore {
  /** Stores the bytes; durable (synced) when the promise resolves, so that an event may name them. */
  put(bytes: Uint8Array): Promise<BlobRef>
  /**
   * The bytes of a blob, checked against their digest.
   * @throws BlobMissing or BlobDamaged
   */
  get(digest: Digest): Promise<Uint8Array>
  has(digest: Digest): Promise<boolean>
  /** Releases a blob that retention no longer keeps. */
  release(digest: Digest): Promise<void>
  list(): AsyncIterable<BlobRef>
}
