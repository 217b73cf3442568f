import type { EventId } from '../../events/event.ts'

const idBytes = 32
/** Slots for each id: at most half of them are taken. */
const slotsPerId = 2

/**
 * A set of ids, each with a small number, in about 45 bytes an id: what a walk over millions of events can afford to
 * remember. Open addressing on the first six bytes; ids are digests, so these are spread evenly.
 */
export class IdTable {
  #ids = Buffer.allocUnsafe(1024 * idBytes)
  #tags = new Uint16Array(1024)
  /** Place of an id + 1; 0 where the slot is free. */
  #slots = new Uint32Array(1024 * slotsPerId)
  #size = 0
  readonly #key = Buffer.alloc(idBytes)

  get size(): number {
    return this.#size
  }

  /** Adds an id; one that is there keeps its tag. Returns whether it is new. @param tag 0 … 65,535 */
  add(id: EventId, tag = 0): boolean {
    const slot = this.#slotOf(id)
    if (this.#slots[slot] !== 0) return false
    if (this.#size === this.#tags.length) {
      this.#grow()
      return this.add(id, tag)
    }
    this.#key.copy(this.#ids, this.#size * idBytes)
    this.#tags[this.#size] = tag
    this.#slots[slot] = ++this.#size
    return true
  }

  /** The id's tag, or undefined where it is not there. */
  tagOf(id: EventId): number | undefined {
    const place = this.#slots[this.#slotOf(id)]!
    return place === 0 ? undefined : this.#tags[place - 1]!
  }

  has(id: EventId): boolean {
    return this.#slots[this.#slotOf(id)] !== 0
  }

  /** The slot that holds the id, or the free one where it belongs. Leaves its bytes in `#key`. */
  #slotOf(id: EventId): number {
    this.#key.write(id, 'hex')
    const mask = this.#slots.length - 1
    let slot = this.#key.readUInt32BE(0) & mask
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot]! - 1) * idBytes
      if (this.#key.compare(this.#ids, at, at + idBytes) === 0) break
    }
    return slot
  }

  #grow(): void {
    const capacity = this.#tags.length * 2
    const ids = Buffer.allocUnsafe(capacity * idBytes)
    this.#ids.copy(ids)
    this.#ids = ids
    const tags = new Uint16Array(capacity)
    tags.set(this.#tags)
    this.#tags = tags
    const slots = new Uint32Array(capacity * slotsPerId)
    const mask = slots.length - 1
    for (let place = 0; place < this.#size; place++) {
      let slot = ids.readUInt32BE(place * idBytes) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = place + 1
    }
    this.#slots = slots
  }
}
