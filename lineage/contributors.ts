import type { EventId, Recorded } from '../events/event.ts'
import { constitutionPublished, principleDefined } from '../events/vocabulary/governance.ts'
import { ensemblesOf, human } from './attribution/labelled-comparisons.ts'
import type { Explained, ExplainedModel } from './attribution/explained-model.ts'
import { paramsOf } from './outcome.ts'
import { eventOf, eventsOf, parentsOf, theParent, type RecordAccess } from './record.ts'
import type { PrincipleShare, Share, Trace } from './trace-types.ts'

/** A principle as a constitution lists it. */
export interface NamedPrinciple {
  readonly key: string
  readonly id: EventId
}

export interface ConstitutionInView {
  readonly id: EventId
  readonly name: string
  readonly version: string
  readonly principles: readonly NamedPrinciple[]
}

/** The constitution of a run, with its principles in its order. */
export const constitutionOf = async (
  access: RecordAccess,
  started: Recorded,
): Promise<ConstitutionInView> => {
  const published = await eventOf(access, theParent(started, 'constitution'))
  const { name, version } = paramsOf(constitutionPublished, published.event)
  const principles = await eventsOf(access, parentsOf(published, 'principle'))
  return {
    id: published.id,
    name,
    version,
    principles: principles.map(({ id, event }) => ({ id, key: paramsOf(principleDefined, event).key })),
  }
}

/** The shares of an explanation, as answers show them. */
export interface SharesInView {
  readonly principles: readonly PrincipleShare[]
  readonly human: Trace['human']
  readonly ensemble?: Share
}

/**
 * Every principle of the constitution in its order, those without labels with 0 and the unchanged difference; then
 * principles that only the labels name (another constitution's).
 */
export const sharesInView = (
  constitution: ConstitutionInView | undefined,
  explainable: ExplainedModel,
  explained: Explained,
): SharesInView => {
  const { model, labels } = explainable
  const { difference } = explained
  const shareAt = (at: number): Share => ({
    labels: labels[at]!,
    addsUp: explained.addsUp[at]!,
    withoutItsLabels: explained.without[at]!,
  })
  const unheard: Share = { labels: 0, addsUp: 0, withoutItsLabels: difference }
  const column = new Map(model.contributors.map(({ id }, at) => [id, at]))
  const listed = (constitution?.principles ?? []).map(({ key, id }) => {
    const at = column.get(id)
    return { key, id, inConstitution: true, ...(at === undefined ? unheard : shareAt(at)) }
  })
  const known = new Set(listed.map(({ id }) => id))
  const others = model.contributors.flatMap(({ key, id }, at) =>
    id === undefined || known.has(id) ? [] : [{ key, id, inConstitution: false, ...shareAt(at) }],
  )
  const people = column.get(undefined)
  const ensembles = ensemblesOf(model.comparisons).length
  return {
    principles: [...listed, ...others],
    human: {
      ...(people === undefined ? unheard : shareAt(people)),
      who: people === undefined ? 'nobody' : model.simulatedRaters ? 'simulated raters' : 'people',
    },
    ...(ensembles === 0
      ? {}
      : {
          ensemble: {
            labels: ensembles,
            addsUp: explained.ensemble.addsUp,
            withoutItsLabels: explained.ensemble.without,
          },
        }),
  }
}

/** The column of a contributor by its key (or `human`, or a principle's id or the beginning of one). */
export const columnOf = ({ model }: ExplainedModel, wanted: string): number => {
  const exact = model.contributors.findIndex(({ key, id }) => key === wanted || id === wanted)
  if (exact >= 0 || wanted === human) return exact
  return /^[0-9a-f]{4,}$/.test(wanted)
    ? model.contributors.findIndex(({ id }) => id?.startsWith(wanted) === true)
    : -1
}
