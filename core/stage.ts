import type { RunProgress } from '../tui/progress-types.ts'
import type { By, Draw, EventId, Json, Outcome, Params, Parent, Recorded } from '../events/event.ts'
import { recordEvent } from '../events/identity.ts'
import type { TextRecord } from '../events/log.ts'
import { formSet } from '../events/sets.ts'
import type { EventType } from '../events/vocabulary/define.ts'
import type { Run } from './run-context.ts'

/** The parts of an event that whoever states it decides. */
export interface Statement {
  readonly by: By
  readonly params: Params
  readonly parents: readonly Parent[]
  readonly draw: Draw
  readonly out: Outcome
  readonly texts?: readonly TextRecord[]
}

/**
 * One stage at work: it knows its name and gathers the ids of every event that it used, new or remembered.
 * What a stage used is what its `stage.closed` names.
 */
export class Stage {
  readonly run: Run
  readonly name: string
  readonly title: string
  readonly used = new Set<EventId>()
  #shown = 0
  #quiet = 0

  constructor(run: Run, name: string, title: string) {
    this.run = run
    this.name = name
    this.title = title
  }

  use(event: Recorded): Recorded {
    this.used.add(event.id)
    return event
  }

  /** Records acts of hansard itself, whose outcome needs nobody to be asked. In the order given. */
  async state(definition: EventType, statements: readonly Statement[]): Promise<readonly Recorded[]> {
    const { run } = this
    const written = statements.map((statement) =>
      run.recorder.add(recordEvent(definition, statement), statement.texts ?? [], run.meta()),
    )
    const events = await Promise.all(
      [...written, run.recorder.flush()].slice(0, written.length) as Promise<Recorded>[],
    )
    for (const event of events) this.use(event)
    return events
  }

  async stateOne(definition: EventType, statement: Statement): Promise<Recorded> {
    const [event] = await this.state(definition, [statement])
    return event!
  }

  /** Forms an ordered set of events; resolves to the id of its root. */
  async form(purpose: Parameters<typeof formSet>[0], ids: readonly EventId[]): Promise<EventId> {
    const { root, nodes } = formSet(purpose, ids)
    await this.run.recordAll([...nodes, root])
    for (const event of [...nodes, root]) this.use(event)
    return root.id
  }

  /** Does work whose progress is part of a larger one and is not shown. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#quiet++
    try {
      return await work()
    } finally {
      this.#quiet--
    }
  }

  progress(
    done: number,
    total: number,
    unit: string,
    more: { asked?: number; remembered?: number } = {},
  ): void {
    if (this.#quiet > 0) return
    const now = performance.now()
    if (done < total && done > 0 && now - this.#shown < 100) return
    this.#shown = now
    this.run.watch({ kind: 'stage', stage: this.name, title: this.title, done, total, unit, ...more })
  }

  exhibit(title: string, lines: readonly string[]): void {
    this.run.watch({ kind: 'exhibit', title, lines } satisfies RunProgress)
  }
}

export const ok = (fields: { readonly [key: string]: Json } = {}): Outcome => ({ status: 'ok', ...fields })

/** The place of an act that is about no prompt: its type as the subject. */
export const nowhere = (type: string): Draw => ({ subject: type, round: 0, i: 0 })
