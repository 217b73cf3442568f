import { HansardError } from '../../events/errors.ts'
import type { EventId, Recorded } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'
import {
  checkpointSaved,
  featuresComputed,
  trainStarted,
  trainStepped,
} from '../../events/vocabulary/training.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { eventOf, eventsOf, membersOf, parentOf, theParent, type RecordAccess } from '../record.ts'
import { differencesOf, readFloat32 } from './features.ts'
import { decodeHead, type Head } from './head.ts'
import { human, type LabelledComparisons } from './labelled-comparisons.ts'
import { labelForms, probabilityFirst, type LabelForm } from './targets.ts'

/** A preference model as the record holds it: its head, and all that the head was fitted to. */
export interface PreferenceModel {
  /** The checkpoint.saved of its head. */
  readonly id: EventId
  readonly head: Head
  readonly started: Recorded
  readonly stepped: Recorded
  readonly features: Recorded
  readonly set: EventId
  /** The labels that it was fitted to, in the set's order; those of comparison i stand at starts[i] … starts[i + 1] − 1. */
  readonly labels: readonly Recorded[]
  readonly comparisons: LabelledComparisons
  /** Who speaks in the labels, in the order of `comparisons.contributors`; `id` is undefined for people and raters. */
  readonly contributors: readonly { readonly key: string; readonly id: EventId | undefined }[]
  readonly gradientNorm: number
  /** Whether the labels without a principle were drawn by simulated raters. */
  readonly simulatedRaters: boolean
}

/** Features that do not fit the comparisons which a preference model names. */
export class FeaturesDoNotFit extends HansardError {
  constructor(id: EventId, why: string) {
    super('features_do_not_fit', `the features ${id} do not fit their set of comparisons: ${why}`, {
      exit: 3,
      mend: 'run `hansard verify` to see what is damaged',
    })
  }
}

/**
 * Loads a preference model from the record.
 * @param id of the checkpoint.saved that rewards name as their preference model
 */
export const loadPreferenceModel = async (access: RecordAccess, id: EventId): Promise<PreferenceModel> => {
  const saved = await eventOf(access, id)
  const stepped = await eventOf(access, theParent(saved, 'step'))
  const started = await eventOf(access, theParent(stepped, 'after'))
  const features = await eventOf(access, theParent(stepped, 'features'))
  const set = theParent(stepped, 'set')
  const [head, values, labels] = await Promise.all([
    access.blobs.get(outcomeOf(checkpointSaved, saved.event)!.blob.digest).then(decodeHead),
    access.blobs.get(outcomeOf(featuresComputed, features.event)!.blob.digest).then(readFloat32),
    membersOf(access, set).then((ids) => eventsOf(access, ids)),
  ])
  const kept = keepWithFeatures(features, groupByPair(features, labels), values)
  const labelled = kept.groups.flat()
  const contributors = await contributorsOf(access, labelled)
  return {
    id,
    head,
    started,
    stepped,
    features,
    set,
    labels: labelled,
    contributors,
    comparisons: {
      ...columnsOf(kept.groups, contributors),
      dimensions: head.dimensions,
      differences: differencesOf(kept.values, head.scale),
      form: formOf(started),
    },
    gradientNorm: numFrom(outcomeOf(trainStepped, stepped.event)!.gradient_norm),
    simulatedRaters: labelled.some(({ event }) => event.params['method'] === 'simulated_raters'),
  }
}

const formOf = (started: Recorded): LabelForm => {
  const { target } = paramsOf(trainStarted, started.event).settings
  return labelForms.find((form) => form === target) ?? 'soft'
}

type Group = readonly Recorded[]

/** One comparison a label; or, where there are fewer comparisons, one for the labels of one pair that stand together (an ensemble). */
const groupByPair = (features: Recorded, labels: readonly Recorded[]): readonly Group[] => {
  const { comparisons } = outcomeOf(featuresComputed, features.event)!
  if (comparisons === labels.length) return labels.map((label) => [label])
  const groups: Recorded[][] = []
  let last: EventId | undefined
  for (const label of labels) {
    const pair = theParent(label, 'pair')
    if (pair === last) groups.at(-1)!.push(label)
    else groups.push([label])
    last = pair
  }
  if (groups.length !== comparisons)
    throw new FeaturesDoNotFit(features.id, `${groups.length} pairs, and features of ${comparisons}`)
  return groups
}

/** Leaves out the comparisons that the trunk gave no features for, as the fit did. */
const keepWithFeatures = (features: Recorded, groups: readonly Group[], values: Float32Array) => {
  const { dimensions, failed = [] } = outcomeOf(featuresComputed, features.event)!
  const width = 2 * dimensions
  if (values.length !== groups.length * width)
    throw new FeaturesDoNotFit(
      features.id,
      `${values.length} values for ${groups.length} × 2 × ${dimensions}`,
    )
  if (failed.length === 0) return { groups, values }
  const absent = new Set(failed)
  const present = groups.map((_, at) => at).filter((at) => !absent.has(at))
  const rest = new Float32Array(present.length * width)
  present.forEach((at, row) => rest.set(values.subarray(at * width, (at + 1) * width), row * width))
  return { groups: present.map((at) => groups[at]!), values: rest }
}

/** Principles of the labels by key, then `human` where some have none. */
const contributorsOf = async (access: RecordAccess, labels: readonly Recorded[]) => {
  const principles = [...new Set(labels.flatMap((label) => parentOf(label, 'principle') ?? []))]
  const defined = await eventsOf(access, principles)
  const named = defined
    .map(({ id, event }) => ({ key: paramsOf(principleDefined, event).key, id: id as EventId | undefined }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id! < b.id! ? -1 : 1))
  const some = labels.some((label) => parentOf(label, 'principle') === undefined)
  return some ? [...named, { key: human, id: undefined }] : named
}

const columnsOf = (
  groups: readonly Group[],
  contributors: readonly { readonly key: string; readonly id: EventId | undefined }[],
) => {
  const column = new Map(contributors.map(({ id }, at) => [id, at]))
  const labels = groups.flat()
  const starts = new Int32Array(groups.length + 1)
  groups.forEach((group, i) => {
    starts[i + 1] = starts[i]! + group.length
  })
  return {
    starts,
    contributorOf: Uint16Array.from(labels, (label) => column.get(parentOf(label, 'principle'))!),
    probabilities: Float64Array.from(labels, (label) => probabilityFirst(label.event)),
    takesForm: Uint8Array.from(groups, (group) => (group.some(({ event }) => 'orders' in event.out) ? 1 : 0)),
    contributors: contributors.map(({ key, id }) => id ?? key),
  }
}
