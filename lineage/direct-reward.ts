import { numFrom } from '../events/texts.ts'
import { principleDefined } from '../events/vocabulary/governance.ts'
import { rewardScored } from '../events/vocabulary/reinforcement.ts'
import type { ConstitutionInView } from './contributors.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import { eventsOf, parentsOf, type RecordAccess } from './record.ts'
import type { Compared } from './reward-reference.ts'
import type { ScoredAnswer } from './scored-answers.ts'
import type { DirectComponent, Explanation } from './trace-types.ts'

/** A reward that is the sum of parts which name their principle: each part is the cause of its number. */
export const explainDirect = async (
  access: RecordAccess,
  scored: ScoredAnswer,
  { reference, others }: Compared,
  constitution: ConstitutionInView | undefined,
): Promise<Explanation> => {
  const difference = scored.value - reference.value
  const named = await eventsOf(access, parentsOf(scored.reward, 'principle'))
  const idOf = new Map(named.map(({ id, event }) => [paramsOf(principleDefined, event).key, id]))
  const partsOf = ({ reward }: ScoredAnswer): ReadonlyMap<string, DirectComponent> =>
    new Map(
      (outcomeOf(rewardScored, reward.event)?.components ?? []).map(({ name, value, weight }) => [
        name,
        {
          name,
          principle: idOf.get(name),
          value: numFrom(value),
          weight: weight === undefined ? undefined : numFrom(weight),
        },
      ]),
    )
  const weighed = (part: DirectComponent | undefined): number =>
    part === undefined ? 0 : part.value * (part.weight ?? 1)
  const direct = [...partsOf(scored).values()]
  const references = others.map(partsOf)
  const shareOf = (name: string): number => {
    const mean = references.reduce((sum, parts) => sum + weighed(parts.get(name)), 0) / references.length
    return weighed(direct.find((part) => part.name === name)) - mean
  }
  const listed = constitution?.principles ?? []
  const known = new Set(listed.map(({ id }) => id))
  const others_ = [...idOf].flatMap(([key, id]) => (known.has(id) ? [] : [{ key, id }]))
  const principles = [...listed, ...others_].map(({ key, id }) => {
    const share = idOf.get(key) === id ? shareOf(key) : 0
    return {
      key,
      id,
      labels: 0,
      addsUp: share,
      withoutItsLabels: difference - share,
      inConstitution: known.has(id),
    }
  })
  return {
    principles,
    human: { labels: 0, addsUp: 0, withoutItsLabels: difference, who: 'nobody' },
    residual: Math.abs(principles.reduce((sum, { addsUp }) => sum + addsUp, 0) - difference),
    strongest: [],
    labelsOnThisPrompt: [],
    direct,
    preferenceModel: undefined,
    retrained: [],
  }
}
