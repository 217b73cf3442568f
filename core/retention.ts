import type { BlobStore } from '../events/blobs.ts'
import { sha256Hex } from '../events/canonical.ts'
import type { BlobRef, Digest } from '../events/event.ts'
import type { Settings } from './settings.ts'

/**
 * Which checkpoints stay in the blob store. Equal bytes are one file, whichever training or run of a home wrote them: so
 * only files that this process wrote, and that were not there before, are ever released. What an execution that was cut
 * off had left is kept, at most its last checkpoints.
 */
export class Retention {
  readonly #blobs: BlobStore
  readonly #settings: Settings['retention']
  readonly #written = new Set<Digest>()

  constructor(blobs: BlobStore, settings: Settings['retention']) {
    this.#blobs = blobs
    this.#settings = settings
  }

  /** Stores a checkpoint’s bytes. */
  async put(bytes: Uint8Array): Promise<BlobRef> {
    const digest = sha256Hex(bytes)
    if (!(await this.#blobs.has(digest))) this.#written.add(digest)
    return this.#blobs.put(bytes)
  }

  /**
   * Releases the checkpoints of a training that are neither published nor among its last ones.
   * @param checkpoints of the training so far, in the order of their steps
   * @param published steps whose policies are published
   */
  async release(
    checkpoints: readonly { readonly step: number; readonly blob: Digest }[],
    published: ReadonlySet<number>,
  ): Promise<void> {
    const { keep, last } = this.#settings
    if (keep === 'all') return
    const kept = new Set(
      checkpoints
        .filter(({ step }, k) => published.has(step) || k >= checkpoints.length - last)
        .map(({ blob }) => blob),
    )
    for (const { blob } of checkpoints)
      if (!kept.has(blob) && this.#written.delete(blob)) await this.#blobs.release(blob)
  }
}
