import type { Event, EventId, Recorded } from '../../events/event.ts'
import { checkpointSaved, trainStepped } from '../../events/vocabulary/training.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'

/** Unpublished checkpoints of each training whose files retention always keeps. */
const lastKept = 2

const parent = (event: Event, role: string): EventId | undefined =>
  event.parents.find((one) => one.role === role)?.id

/**
 * Which checkpoints retention may have released: those neither published nor among the last of their training. Gathers
 * steps, checkpoints and publications, a few thousand of millions of events.
 */
export class CheckpointRetention {
  readonly #steps = new Map<EventId, { readonly after: EventId | undefined; readonly step: number }>()
  readonly #checkpoints: { readonly id: EventId; readonly step: EventId; readonly blob: string }[] = []
  readonly #published = new Set<EventId>()

  add({ id, event }: Recorded): void {
    switch (event.type) {
      case 'train.stepped':
        this.#steps.set(id, { after: parent(event, 'after'), step: paramsOf(trainStepped, event).step })
        break
      case 'checkpoint.saved': {
        const blob = outcomeOf(checkpointSaved, event)?.blob.digest
        const step = parent(event, 'step')
        if (step !== undefined && blob !== undefined) this.#checkpoints.push({ id, step, blob })
        break
      }
      case 'policy.published': {
        const checkpoint = parent(event, 'checkpoint')
        if (checkpoint !== undefined) this.#published.add(checkpoint)
        break
      }
    }
  }

  /** Digests of files that must be there, whatever retention did. */
  kept(): ReadonlySet<string> {
    const byTraining = new Map<EventId, { readonly step: number; readonly blob: string }[]>()
    const kept = new Set<string>()
    for (const { id, step, blob } of this.#checkpoints) {
      if (this.#published.has(id)) kept.add(blob)
      const training = this.#trainingOf(step)
      const list = byTraining.get(training) ?? []
      byTraining.set(training, list)
      list.push({ step: this.#steps.get(step)?.step ?? 0, blob })
    }
    for (const list of byTraining.values())
      for (const { blob } of list.toSorted((a, b) => b.step - a.step).slice(0, lastKept)) kept.add(blob)
    return kept
  }

  /** The train.started that a step goes back to, found once for each step on the way. */
  #trainingOf(step: EventId): EventId {
    const path: EventId[] = []
    const seen = new Set<EventId>()
    let at = step
    for (;;) {
      const known = this.#trainings.get(at)
      const after = this.#steps.get(at)?.after
      if (known !== undefined || after === undefined || seen.has(at)) {
        const training = known ?? at
        for (const one of path) this.#trainings.set(one, training)
        return training
      }
      seen.add(at)
      path.push(at)
      at = after
    }
  }
  readonly #trainings = new Map<EventId, EventId>()
}
