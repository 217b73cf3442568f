import type { EventId, Recorded } from '../../events/event.ts'
import type { Place } from '../verify-types.ts'
import type { Findings } from './findings.ts'
import type { IdTable } from './id-table.ts'

interface Wanted {
  readonly child: EventId
  readonly type: string
  readonly role: string
  readonly place: Place
  others: number
}

/** Events that are named and were not met yet. Read side by side, partitions keep this short; at the end all are missing. */
export class References {
  readonly #wanted = new Map<EventId, Wanted>()

  /** @param known the events met so far */
  add({ id, event }: Recorded, place: Place, known: IdTable): void {
    for (const parent of event.parents) {
      if (known.has(parent.id)) continue
      const wanted = this.#wanted.get(parent.id)
      if (wanted !== undefined) wanted.others++
      else this.#wanted.set(parent.id, { child: id, type: event.type, role: parent.role, place, others: 0 })
    }
  }

  met(id: EventId): void {
    this.#wanted.delete(id)
  }

  finish(findings: Findings): void {
    for (const [id, { child, type, role, place, others }] of this.#wanted)
      findings.add({
        kind: 'missing',
        id,
        ...place,
        what:
          `the event is missing that ${type} ${child} names as its ${role}` +
          (others === 0 ? '' : `, and ${others} other edge${others === 1 ? '' : 's'} lead to it`),
      })
  }
}
