import type { EventId } from '../../events/event.ts'
import type { Memo } from '../../events/memo.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'
import { paramsOf } from '../outcome.ts'
import { load } from './export-source.ts'

/** Looks up keys of principles, each once. */
export class PrincipleKeys {
  readonly #memo: Memo
  readonly #keys = new Map<EventId, string>()

  constructor(memo: Memo) {
    this.#memo = memo
  }

  /** Makes the keys of some principles known. */
  async learn(ids: readonly (EventId | undefined)[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => id !== undefined && !this.#keys.has(id)) as EventId[]
    for (const { id, event } of await load(this.#memo, unknown))
      this.#keys.set(id, paramsOf(principleDefined, event).key)
  }

  /** The key of a principle that was learnt; null for no principle. */
  of(id: EventId | undefined): string | null {
    return id === undefined ? null : (this.#keys.get(id) ?? null)
  }
}
