import { HansardError } from './errors.ts'
import type { Event, Outcome, Params } from './event.ts'
import { problemOfContent } from './validation.ts'
import { vocabulary } from './vocabulary.ts'
import type { EventType } from './vocabulary/define.ts'

/** What a newer version of a type may say otherwise. Who, about what, and resting on what are never rewritten. */
interface Content {
  readonly params: Params
  readonly out: Outcome
}

/** Reads an event of version `from` as one of version `from` + 1. */
export interface Upcaster {
  readonly type: string
  readonly from: number
  readonly upcast: (content: Content) => Content
}

/**
 * An event as readers see it: in the newest version of its type, or opaque, where this hansard does not know the type,
 * the version, or the way to the newest one. A view only: id, recipe and proofs always rest on the recorded bytes.
 */
export type View =
  | { readonly known: true; readonly definition: EventType; readonly event: Event }
  | { readonly known: false; readonly event: Event }

/** Two upcasters for one version, or one that leads from or to a version that does not exist. */
class WrongUpcaster extends HansardError {
  constructor(message: string) {
    super('wrong_upcaster', message, { exit: 1 })
  }
}

/** Makes the view of events by a vocabulary and its upcasters. @throws WrongUpcaster where these do not fit together */
export const viewsBy = (
  definitions: readonly EventType[],
  upcasters: readonly Upcaster[],
): ((event: Event) => View) => {
  const versions = new Map<string, EventType>()
  const newest = new Map<string, number>()
  for (const definition of definitions) {
    const { type, v } = definition
    versions.set(nameOf(type, v), definition)
    newest.set(type, Math.max(v, newest.get(type) ?? 0))
  }
  const steps = new Map<string, Upcaster>()
  for (const upcaster of upcasters) {
    const { type, from } = upcaster
    const name = nameOf(type, from)
    if (steps.has(name)) throw new WrongUpcaster(`there are two upcasters from ${name}`)
    for (const v of [from, from + 1])
      if (!versions.has(nameOf(type, v)))
        throw new WrongUpcaster(`an upcaster from ${name}, but no ${nameOf(type, v)}`)
    steps.set(name, upcaster)
  }

  return (recorded) => {
    const last = newest.get(recorded.type)
    const opaque: View = { known: false, event: recorded }
    if (!versions.has(nameOf(recorded.type, recorded.v)) || last === undefined) return opaque
    let event = recorded
    while (event.v < last) {
      const step = steps.get(nameOf(event.type, event.v))
      if (step === undefined) return opaque
      const { params, out } = step.upcast({ params: event.params, out: event.out })
      event = { ...event, v: event.v + 1, params, out }
    }
    const definition = versions.get(nameOf(event.type, last))!
    const problem = event === recorded ? undefined : problemOfContent(definition, event)
    if (problem !== undefined)
      throw new WrongUpcaster(`read as version ${last}, ${event.type} is wrong: ${problem}`)
    return { known: true, definition, event }
  }
}

const nameOf = (type: string, v: number): string => `${type} ${v}`

/** Every version is the first so far, so there is nothing to upcast yet. */
const upcasters: readonly Upcaster[] = []

/** The view of an event by hansard's own vocabulary. */
export const viewOf: (event: Event) => View = viewsBy(vocabulary, upcasters)
