import type { EventId, Recorded } from '../../events/event.ts'
import { featuresComputed, setFormed } from '../../events/vocabulary/training.ts'
import { explainedModel, type ExplainedModel } from '../attribution/explained-model.ts'
import { readFloat32 } from '../attribution/features.ts'
import { rewardOf } from '../attribution/head.ts'
import { probabilityFirst } from '../attribution/targets.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { eventsOf, membersOf, theParent, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { eventsOfType } from './run-events.ts'
import type { PreferenceFigures } from './run-page.ts'

/** A judge's label is called sure where it gives one answer more than 0.7. */
const sureBy = 0.2

/** How often a preference model ranks the two answers of a comparison that was held out as its labels do. */
export const preferenceFigures = async (
  access: RecordAccess,
  run: RunMembers,
  id: EventId,
): Promise<PreferenceFigures> => {
  const explainable = await explainedModel(access, id)
  const { model } = explainable
  const held = await heldOut(access, run, explainable)
  const agreement = (of: readonly HeldOut[]): number | undefined => {
    const counted = of.filter(({ probability }) => probability !== 0.5)
    if (counted.length === 0) return undefined
    const right = counted.filter(({ probability, margin }) => probability > 0.5 === margin > 0)
    return right.length / counted.length
  }
  const judged = held.filter((one) => one.judged)
  return {
    id,
    fitted: model.comparisons.starts.length - 1,
    heldOut: held.length,
    sure: agreement(judged.filter(({ probability }) => Math.abs(probability - 0.5) > sureBy)),
    all: agreement(judged),
    human: agreement(held.filter((one) => !one.judged)),
  }
}

interface HeldOut {
  /** Mean of its labels' probabilities that the first answer is better. */
  readonly probability: number
  /** reward(first) − reward(second). */
  readonly margin: number
  readonly judged: boolean
}

const heldOut = async (
  access: RecordAccess,
  run: RunMembers,
  { model }: ExplainedModel,
): Promise<readonly HeldOut[]> => {
  const sets = await eventsOfType(access, run, setFormed.type)
  const set = sets.find(({ event }) => paramsOf(setFormed, event).purpose === 'held_out')
  if (set === undefined) return []
  const labels = await eventsOf(access, await membersOf(access, set.id))
  const byPair = Map.groupBy(labels, (label) => theParent(label, 'pair'))
  const trunk = theParent(model.features, 'policy')
  const features = (await eventsOfType(access, run, featuresComputed.type, 'ok')).filter(
    (event) => event.id !== model.features.id && theParent(event, 'policy') === trunk,
  )
  for (const event of features) {
    const rows = await membersOf(access, theParent(event, 'set'))
    if (rows.length === byPair.size && rows.every((pair) => byPair.has(pair)))
      return marginsOf(access, model.head, event, rows, byPair)
  }
  return []
}

const marginsOf = async (
  access: RecordAccess,
  head: ExplainedModel['model']['head'],
  features: Recorded,
  rows: readonly EventId[],
  byPair: ReadonlyMap<EventId, readonly Recorded[]>,
): Promise<readonly HeldOut[]> => {
  const { blob, failed = [] } = outcomeOf(featuresComputed, features.event)!
  const values = readFloat32(await access.blobs.get(blob.digest))
  const absent = new Set(failed)
  const d = head.dimensions
  return rows.flatMap((pair, row) => {
    if (absent.has(row)) return []
    const labels = byPair.get(pair)!
    const from = 2 * row * d
    const first = rewardOf(head, values.subarray(from, from + d))
    const second = rewardOf(head, values.subarray(from + d, from + 2 * d))
    const probabilities = labels.map(({ event }) => probabilityFirst(event))
    return [
      {
        probability: probabilities.reduce((sum, p) => sum + p, 0) / labels.length,
        margin: first - second,
        judged: labels.some(({ event }) => 'orders' in event.out),
      },
    ]
  })
}
