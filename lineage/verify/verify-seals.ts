import type { EventId, Recorded } from '../../events/event.ts'
import type { Memo } from '../../events/memo.ts'
import { sealOf } from '../../events/seal.ts'
import { runSealed } from '../../events/vocabulary/governance.ts'
import { setMembers } from '../../events/sets.ts'
import { BrokenSet } from '../../events/errors.ts'
import { outcomeOf } from '../outcome.ts'
import { eventsUndamaged } from '../undamaged.ts'
import type { Place, VerifiedRun } from '../verify-types.ts'
import type { Findings } from './findings.ts'

/** What the record pass found out about an event: not there, not covered by seals, or covered. */
export type Standing = 'missing' | 'damaged' | 'unsealed' | 'sealed'

interface SealedRun {
  readonly recorded: Recorded
  readonly place: Place
}

/** Computes the seal of every sealed run again, from the sets of its stages. */
export class SealCheck {
  readonly #memo: Memo
  readonly #findings: Findings
  readonly #sealed: SealedRun[] = []
  readonly #runs = new Map<EventId, string>()

  constructor(memo: Memo, findings: Findings) {
    this.#memo = memo
    this.#findings = findings
  }

  add(recorded: Recorded, place: Place): void {
    const { type } = recorded.event
    if (type === 'run.sealed') this.#sealed.push({ recorded, place })
    if (type === 'run.started') this.#runs.set(recorded.id, recorded.recipe)
  }

  async finish(standingOf: (id: EventId) => Standing): Promise<readonly VerifiedRun[]> {
    const runs: VerifiedRun[] = []
    for (const { recorded, place } of this.#sealed) {
      const outcome = outcomeOf(runSealed, recorded.event)
      const run = this.#runs.get(recorded.event.parents.find(({ role }) => role === 'run')?.id ?? '')
      if (outcome === undefined || run === undefined) continue
      const problem = await this.#problemOf(recorded, outcome, standingOf)
      runs.push({ run, seal: outcome.seal, ok: problem === undefined })
      if (problem !== undefined)
        this.#findings.add({ kind: 'seal', id: recorded.id, ...place, what: `run ${run}: ${problem}` })
    }
    return runs
  }

  async #problemOf(
    { event }: Recorded,
    { seal, events }: { readonly seal: string; readonly events: number },
    standingOf: (id: EventId) => Standing,
  ): Promise<string | undefined> {
    const stages = event.parents.filter(({ role }) => role === 'stage').map(({ id }) => id)
    let lost = 0
    let example = ''
    const members = new PackedIds()
    try {
      for await (const id of this.#members(stages)) {
        const standing = standingOf(id)
        if (standing === 'missing' || standing === 'damaged') {
          lost++
          example ||= `${id} is ${standing}`
        }
        if (standing !== 'unsealed') members.add(id)
      }
    } catch (error) {
      if (!(error instanceof BrokenSet)) throw error
      return `what its stages used cannot be read: ${error.message}`
    }
    const found = sealOf(members)
    if (found.seal !== seal || found.events !== events)
      return `the seal over its ${found.events} events is ${found.seal}; recorded is ${seal} over ${events}`
    return lost === 0 ? undefined : `${lost} of the events under its seal cannot be trusted (${example})`
  }

  async *#members(stages: readonly EventId[]): AsyncGenerator<EventId> {
    const load = (ids: readonly EventId[]) => eventsUndamaged(this.#memo, ids)
    for (const [k, closed] of (await load(stages)).entries()) {
      const set = closed?.event.parents.find(({ role }) => role === 'members')?.id
      if (set === undefined) throw new BrokenSet(`stage.closed ${stages[k]} is missing or damaged`)
      yield* setMembers(set, load)
    }
  }
}

/** Ids in 32 bytes each, handed out again as text one at a time. */
class PackedIds implements Iterable<EventId> {
  #bytes = Buffer.allocUnsafe(32 * 1024)
  #length = 0

  add(id: EventId): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#length)
    this.#length += this.#bytes.write(id, this.#length, 'hex')
  }

  *[Symbol.iterator](): Generator<EventId> {
    for (let at = 0; at < this.#length; at += 32) yield this.#bytes.toString('hex', at, at + 32)
  }
}
