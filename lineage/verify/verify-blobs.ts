import type { BlobStore } from '../../events/blobs.ts'
import { BlobDamaged, BlobMissing } from '../../events/errors.ts'
import type { BlobRef, EventId, Recorded } from '../../events/event.ts'
import { blobsNamed } from '../named-bytes.ts'
import { CheckpointRetention } from './checkpoints.ts'
import type { Findings } from './findings.ts'
import { IdTable } from './id-table.ts'

/** Hashes every file that events name, each once; what is missing is judged at the end, when retention can be. */
export class BlobCheck {
  readonly #blobs: BlobStore
  readonly #findings: Findings
  readonly #seen = new IdTable()
  readonly #missing: { readonly digest: string; readonly holder: EventId; readonly type: string }[] = []
  readonly #retention = new CheckpointRetention()
  hashed = 0
  released = 0

  constructor(blobs: BlobStore, findings: Findings) {
    this.#blobs = blobs
    this.#findings = findings
  }

  async add(recorded: Recorded): Promise<void> {
    this.#retention.add(recorded)
    for (const ref of blobsNamed(recorded.event))
      if (this.#seen.add(ref.digest)) await this.#check(ref, recorded)
  }

  async #check(ref: BlobRef, { id, event }: Recorded): Promise<void> {
    try {
      const { length } = await this.#blobs.get(ref.digest)
      if (length === ref.bytes) this.hashed++
      else
        this.#findings.add({
          kind: 'blob',
          id: ref.digest,
          what: `the blob has ${length} bytes, and ${event.type} ${id} says ${ref.bytes}`,
        })
    } catch (error) {
      if (error instanceof BlobMissing)
        this.#missing.push({ digest: ref.digest, holder: id, type: event.type })
      else if (error instanceof BlobDamaged)
        this.#findings.add({
          kind: 'blob',
          id: ref.digest,
          what: `the blob that ${event.type} ${id} names is damaged: its bytes have another sha-256`,
        })
      else throw error
    }
  }

  /** Tells the files that retention released from those that are lost. */
  finish(): void {
    const kept = this.#retention.kept()
    for (const { digest, holder, type } of this.#missing)
      if (type === 'checkpoint.saved' && !kept.has(digest)) this.released++
      else
        this.#findings.add({
          kind: 'blob',
          id: digest,
          what: `the blob that ${type} ${holder} names is missing, and retention does not release it`,
        })
  }
}
