import type { BlobStore } from '../../events/blobs.ts'
import { sha256Hex } from '../../events/canonical.ts'
import type { BlobRef, Digest, EventId, Json, Outcome, Recorded, TextRef } from '../../events/event.ts'
import { type Act, hansardBy, recordEvent } from '../../events/identity.ts'
import type { Entry, EventLog, TextRecord } from '../../events/log.ts'
import { sealOf } from '../../events/seal.ts'
import { formSet, type SetPurpose } from '../../events/sets.ts'
import { textRef } from '../../events/texts.ts'
import type { EventType } from '../../events/vocabulary/define.ts'
import { runSealed, stageClosed } from '../../events/vocabulary/governance.ts'
import { setFormed, setNode } from '../../events/vocabulary/training.ts'

export const ok = (fields: { readonly [key: string]: Json } = {}): Outcome => ({ status: 'ok', ...fields })
export const nowhere = (type: string) => ({ subject: type, round: 0, i: 0 })

/** A record to be appended: entries in order, their texts and blobs, and the ids that each stage used. */
export class FixtureRecorder {
  readonly entries: Entry[] = []
  readonly texts: TextRecord[] = []
  readonly blobs = new Map<Digest, Uint8Array>()
  readonly stages: {
    readonly name: string
    readonly closed: Recorded
    readonly used: ReadonlySet<EventId>
  }[] = []
  readonly #used = new Set<EventId>()
  /** Hint of the run in the headers; known once run.started is recorded. */
  run: string | undefined

  record(definition: EventType, act: Act): Recorded {
    const recorded = recordEvent(definition, act)
    const at = new Date(Date.UTC(2026, 0, 1) + this.entries.length * 10).toISOString()
    this.entries.push({
      recorded,
      meta: { ce_time: at, ...(this.run === undefined ? {} : { ce_run: this.run }) },
    })
    this.#used.add(recorded.id)
    return recorded
  }

  text(text: string): TextRef & { readonly [key: string]: Json } {
    const ref = textRef(text)
    this.texts.push({ ref, text })
    return { ...ref }
  }

  blob(bytes: Uint8Array): BlobRef & { readonly [key: string]: Json } {
    const digest = sha256Hex(bytes)
    this.blobs.set(digest, bytes)
    return { digest, bytes: bytes.length }
  }

  set(purpose: SetPurpose, members: readonly { readonly id: EventId }[]): EventId {
    const { root, nodes } = formSet(
      purpose,
      members.map(({ id }) => id),
    )
    for (const { event } of [...nodes, root]) {
      const { type: _, v: __, ...act } = event
      this.record(definitions[event.type]!, act)
    }
    return root.id
  }

  close(name: string, run: EventId): Recorded {
    const used = new Set(this.#used)
    this.#used.clear()
    const members = this.set(
      'stage',
      [...used].map((id) => ({ id })),
    )
    const closed = this.record(stageClosed, {
      by: hansardBy,
      params: { stage: name },
      parents: [
        { role: 'members', id: members },
        { role: 'run', id: run },
      ],
      draw: nowhere('stage.closed'),
      out: ok({ events: used.size }),
    })
    this.#used.clear()
    this.stages.push({ name, closed, used })
    return closed
  }

  seal(run: EventId): Recorded {
    return this.record(runSealed, {
      by: hansardBy,
      params: {},
      parents: [
        ...this.stages.map(({ closed }) => ({ role: 'stage', id: closed.id })),
        { role: 'run', id: run },
      ],
      draw: nowhere('run.sealed'),
      out: ok({ ...sealOf(this.stages.flatMap(({ used }) => [...used])) }),
    })
  }

  /** Blobs first, then texts and events: as a run writes them. */
  async appendTo(home: { readonly log: EventLog; readonly blobs: BlobStore }): Promise<void> {
    for (const bytes of this.blobs.values()) await home.blobs.put(bytes)
    const texts = new Map(this.texts.map((record) => [record.ref.digest, record]))
    await home.log.append([], [...texts.values()])
    for (let start = 0; start < this.entries.length; start += 2_000)
      await home.log.append(this.entries.slice(start, start + 2_000), [])
  }
}

const definitions: Readonly<Record<string, EventType>> = { 'set.formed': setFormed, 'set.node': setNode }
