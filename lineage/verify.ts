import type { Pool } from 'pg'
import type { BlobStore } from '../events/blobs.ts'
import { sha256Hex } from '../events/canonical.ts'
import { Poison } from '../events/errors.ts'
import type { EventId, RecipeId, Recorded } from '../events/event.ts'
import { decodeRecord } from '../events/identity.ts'
import type { EventLog, LogRecord } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'
import { partitionOf } from '../events/partition.ts'
import { definitionOf } from '../events/vocabulary.ts'
import { textsNamed } from './named-bytes.ts'
import type { Finding, Place, Verification } from './verify-types.ts'
import { Findings } from './verify/findings.ts'
import { IdTable } from './verify/id-table.ts'
import { type Claim, unanswered } from './verify/index-claims.ts'
import { type LogBatch, readLog } from './verify/read-log.ts'
import { References } from './verify/references.ts'
import { doesNotProve, proves } from './verify/statements.ts'
import { BlobCheck } from './verify/verify-blobs.ts'
import { SealCheck, type Standing } from './verify/verify-seals.ts'
import { SetCheck } from './verify/verify-sets.ts'
import { TextCheck } from './verify/verify-texts.ts'

export interface VerifyHome {
  readonly pool: Pool
  readonly log: EventLog
  readonly memo: Memo
  readonly blobs: BlobStore
}

export interface VerifyOptions {
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/**
 * Reads the whole record and computes every hash, set and seal again, trusting neither index nor projection. Streams:
 * besides 45 bytes an event (the ids, since parents must be found) memory does not grow with the log.
 * @throws the signal's reason where it was aborted
 */
export const verify = async (home: VerifyHome, options: VerifyOptions = {}): Promise<Verification> => {
  const walk = new VerifyWalk(home)
  const total = (await home.log.sizes()).reduce((sum, { next }) => sum + next, 0)
  for await (const batch of readLog(home.log, home.pool)) {
    options.signal?.throwIfAborted()
    await walk.take(batch)
    options.onProgress?.(walk.records, total)
  }
  return walk.finish()
}

/** Tags of the id table: how an event stands. */
const standings: readonly Standing[] = ['missing', 'damaged', 'unsealed', 'sealed']

/** One pass over the record, and what it has gathered so far. */
class VerifyWalk {
  readonly #home: VerifyHome
  readonly #findings = new Findings()
  readonly #ids = new IdTable()
  readonly #references = new References()
  readonly #texts: TextCheck
  readonly #blobs: BlobCheck
  readonly #sets: SetCheck
  readonly #seals: SealCheck
  records = 0
  #events = 0
  #opaque = 0
  #diverged = 0

  constructor(home: VerifyHome) {
    this.#home = home
    this.#texts = new TextCheck(home.memo, this.#findings)
    this.#blobs = new BlobCheck(home.blobs, this.#findings)
    this.#sets = new SetCheck(this.#findings)
    this.#seals = new SealCheck(home.memo, this.#findings)
  }

  async take({ partition, records, lost, claims }: LogBatch): Promise<void> {
    const second: { readonly recipe: RecipeId; readonly id: EventId; readonly place: Place }[] = []
    for (const record of records) {
      this.records++
      const place = { topic: record.topic, partition, offset: record.offset }
      const claim = claims.get(record.offset)
      const recorded = this.#decode(record, place, claim)
      if (recorded === undefined) continue
      if (claim?.answer === false) second.push({ recipe: recorded.recipe, id: recorded.id, place })
      await this.#enter(recorded, place)
    }
    for (const { offset, why } of lost)
      this.#findings.add({ kind: 'gap', topic: this.#home.log.topic, partition, offset, what: why })
    const without = await unanswered(
      this.#home.pool,
      second.map(({ recipe }) => recipe),
    )
    for (const { recipe, id, place } of second)
      if (without.has(recipe))
        this.#fault('recipe', id, place, `no event is marked as the answer to its recipe ${recipe}`)
      else this.#diverged++
  }

  /** The event in a record whose bytes are what they should be; undefined, and a finding, where they are not. */
  #decode(record: LogRecord, place: Place, claim: Claim | undefined): Recorded | undefined {
    const claimed = claim?.id ?? record.headers['ce_id']
    let recorded: Recorded
    try {
      recorded = decodeRecord(record.value)
    } catch (error) {
      if (!(error instanceof Poison)) throw error
      this.#damaged(claimed)
      this.#fault('record', claimed ?? sha256Hex(record.value), place, error.message)
      return undefined
    }
    if (claimed !== undefined && claimed !== recorded.id) {
      this.#damaged(claimed)
      this.#fault('record', claimed, place, `the bytes were changed: their sha-256 is ${recorded.id}`)
      return undefined
    }
    const { subject } = recorded.event.draw
    const recipe = claim?.recipe ?? record.headers['ce_recipe']
    if (recipe !== undefined && recipe !== recorded.recipe)
      this.#fault(
        'recipe',
        recorded.id,
        place,
        `it is filed under recipe ${recipe}; its own is ${recorded.recipe}`,
      )
    if (record.key !== subject)
      this.#fault('record', recorded.id, place, 'the key of the record is not its subject')
    else if (partitionOf(subject, this.#home.log.partitions) !== place.partition)
      this.#fault(
        'record',
        recorded.id,
        place,
        'the record stands in a partition that its key does not lead to',
      )
    return recorded
  }

  async #enter(recorded: Recorded, place: Place): Promise<void> {
    const definition = definitionOf(recorded.event.type, recorded.event.v)
    if (!this.#ids.add(recorded.id, standings.indexOf(definition?.sealed === false ? 'unsealed' : 'sealed')))
      return
    this.#events++
    this.#references.met(recorded.id)
    this.#references.add(recorded, place, this.#ids)
    if (definition === undefined) this.#opaque++
    else {
      this.#sets.add(recorded, place)
      this.#seals.add(recorded, place)
      await this.#blobs.add(recorded)
    }
    await this.#texts.add(textsNamed(recorded.event))
  }

  /** What is damaged is at fault itself; the events that name it are not. */
  #damaged(claimed: EventId | undefined): void {
    if (claimed === undefined) return
    this.#ids.add(claimed, standings.indexOf('damaged'))
    this.#references.met(claimed)
  }

  #fault(kind: Finding['kind'], id: EventId, place: Place, what: string): void {
    this.#findings.add({ kind, id, ...place, what })
  }

  async finish(): Promise<Verification> {
    await this.#texts.flush()
    this.#blobs.finish()
    this.#sets.finish()
    this.#references.finish(this.#findings)
    const runs = await this.#seals.finish((id) => standings[this.#ids.tagOf(id) ?? 0]!)
    const counts = {
      events: this.#events,
      texts: this.#texts.hashed,
      keyed: this.#texts.keyed,
      blobs: this.#blobs.hashed,
      released: this.#blobs.released,
      opaque: this.#opaque,
      sealed: runs.filter(({ ok }) => ok).length,
      bad: this.#findings.total,
    }
    return {
      events: counts.events,
      records: this.records,
      bad: this.#findings.bad,
      badTotal: counts.bad,
      runs,
      texts: counts.texts,
      blobs: counts.blobs,
      released: counts.released,
      diverged: this.#diverged,
      opaque: counts.opaque,
      proves: proves(counts),
      doesNotProve: doesNotProve(counts),
    }
  }
}
