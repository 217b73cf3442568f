import type { EventId, Recorded } from '../../events/event.ts'
import { itemAnswered } from '../../events/vocabulary/evaluation.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'
import { probabilityFirst, votesOf } from '../attribution/targets.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { eventsOf, parentOf, theParent, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { agreementOf, calibrationOf, probabilityRight, type Answered } from './calibration.ts'
import { eventsOfType } from './run-events.ts'
import type { Flips, JudgeFigures } from './run-page.ts'

/**
 * How good a run's feedback model is: on items with a known answer, in both orders, under different principles.
 * @param assigned the run's label.assigned that did not fail; those without orders are raters' and left out
 */
export const judgeFigures = async (
  access: RecordAccess,
  run: RunMembers,
  assigned: readonly Recorded[],
): Promise<JudgeFigures> => {
  const answered = await eventsOfType(access, run, itemAnswered.type)
  const items = answered.map(itemOf)
  const labels = assigned.filter((label) => votesOf(label.event).length > 0)
  const both = labels.map((label) => votesOf(label.event)).filter((votes) => votes.length > 1)
  const agree = both.filter((votes) => new Set(votes.map((vote) => vote.probabilityFirst >= 0.5)).size === 1)
  const { error, bins } = calibrationOf(items)
  return {
    items: items.length === 0 ? undefined : agreementOf(items),
    groups: [...Map.groupBy(items, ({ group }) => group)].map(([group, of]) => ({
      group,
      ...agreementOf(of),
    })),
    calibrationError: error,
    bins,
    flips: flipsOf(labels, await keysOf(access, labels)),
    ordersAgree: both.length === 0 ? undefined : agree.length / both.length,
    labels: labels.length,
  }
}

const itemOf = ({ event }: Recorded): Answered => {
  const { group, right } = paramsOf(itemAnswered, event)
  const out = outcomeOf(itemAnswered, event)
  return { group, probabilityRight: out && probabilityRight(out.orders, right) }
}

const keysOf = async (
  access: RecordAccess,
  labels: readonly Recorded[],
): Promise<ReadonlyMap<EventId, string>> => {
  const ids = [...new Set(labels.flatMap((label) => parentOf(label, 'principle') ?? []))]
  const defined = await eventsOf(access, ids)
  return new Map(defined.map(({ id, event }) => [id, paramsOf(principleDefined, event).key]))
}

/**
 * Of all twos of labels that one pair got under different principles, the share that prefers different answers. Undefined
 * where no pair has labels under two (one principle is drawn for each): then nothing was measured.
 */
export const flipsOf = (
  labels: readonly Recorded[],
  keys: ReadonlyMap<EventId, string>,
): Flips | undefined => {
  const counts = new Map<string, { principles: readonly [string, string]; both: number; flipped: number }>()
  let pairs = 0
  for (const of of Map.groupBy(labels, (label) => theParent(label, 'pair')).values()) {
    if (of.length < 2) continue
    pairs++
    const said = of.map((label) => ({
      key: keys.get(parentOf(label, 'principle') ?? '') ?? '',
      first: probabilityFirst(label.event) > 0.5,
    }))
    for (const [at, a] of said.entries())
      for (const b of said.slice(at + 1)) {
        if (a.key === b.key) continue
        const principles = a.key < b.key ? ([a.key, b.key] as const) : ([b.key, a.key] as const)
        const count = counts.get(principles.join(' ')) ?? { principles, both: 0, flipped: 0 }
        count.both++
        if (a.first !== b.first) count.flipped++
        counts.set(principles.join(' '), count)
      }
  }
  const all = [...counts.values()]
  const both = all.reduce((sum, one) => sum + one.both, 0)
  if (both === 0) return undefined
  const [most] = all
    .map(({ principles, both: twos, flipped }) => ({ principles, share: flipped / twos }))
    .toSorted((a, b) => b.share - a.share)
  return { share: all.reduce((sum, one) => sum + one.flipped, 0) / both, pairs, most }
}
