import type { EventId, Recorded } from '../../events/event.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'
import type { ConstitutionDifference, NamedPrincipleRef } from '../diff-types.ts'
import { paramsOf } from '../outcome.ts'

/** Principles in a constitution's order. */
export const principlesIn = (events: readonly (Recorded | undefined)[]): readonly NamedPrincipleRef[] =>
  events.flatMap((event) =>
    event === undefined ? [] : [{ key: paramsOf(principleDefined, event.event).key, id: event.id }],
  )

/** Equal key and wording have equal ids, so ids tell what changed. */
export const constitutionDifference = (
  a: readonly NamedPrincipleRef[],
  b: readonly NamedPrincipleRef[],
): ConstitutionDifference => {
  const inA = idsByKey(a)
  const inB = idsByKey(b)
  return {
    same: a.filter(({ key, id }) => inB.get(key) === id).length,
    added: b.filter(({ key }) => !inA.has(key)),
    removed: a.filter(({ key }) => !inB.has(key)),
    changed: a.flatMap(({ key, id }) => {
      const other = inB.get(key)
      return other === undefined || other === id ? [] : [{ key, a: id, b: other }]
    }),
  }
}

const idsByKey = (principles: readonly NamedPrincipleRef[]): ReadonlyMap<string, EventId> =>
  new Map(principles.map(({ key, id }) => [key, id]))
