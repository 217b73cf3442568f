import type { EventId } from '../events/event.ts'
import type { ExplainedModel } from './attribution/explained-model.ts'
import { readFloat32 } from './attribution/features.ts'
import { rewardOf } from './attribution/head.ts'
import { featuresComputed, trainStarted } from '../events/vocabulary/training.ts'
import { classesOf } from './answers-in-view.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import { eventOf, eventsOf, membersOf, parentOf, parentsOf, theParent, type RecordAccess } from './record.ts'
import type { RewardGroup } from './reward-group.ts'
import { scoredAnswers, type ScoredAnswer } from './scored-answers.ts'

/** An answer that does not refuse, to be set against one that does. */
export interface Rival {
  readonly answer: EventId
  readonly value: number
  readonly features: Float32Array
  readonly from: 'its group' | 'SL-CAI'
}

/** The answer of a group with the highest reward among those that do not refuse. */
export const bestOfGroup = async (access: RecordAccess, group: RewardGroup): Promise<Rival | undefined> => {
  const classes = await classesOf(
    access,
    group.rewards.map(({ answer }) => answer),
  )
  return best(
    group.rewards.filter(({ answer }) => classes.get(answer)?.refuses === false),
    'its group',
  )
}

const best = (rewards: readonly ScoredAnswer[], from: Rival['from']): Rival | undefined => {
  const [first] = rewards
    .flatMap(({ answer, value, features }) =>
      features === undefined || !Number.isFinite(value) ? [] : [{ answer, value, features, from }],
    )
    .toSorted((a, b) => b.value - a.value)
  return first
}

/**
 * Where a whole group refuses: the best answer that the supervised policy gave to the same prompt text. First the rollouts of
 * the first RL step, which its weights drew and which were classed and scored; else a sample of the comparisons, whose
 * features are on record (an answer that was never classed is taken where none that was is left).
 */
export const bestOfSupervised = async (
  access: RecordAccess,
  group: RewardGroup,
  explainable: ExplainedModel,
  subject: string,
): Promise<Rival | undefined> => {
  const { started } = group.step
  const policy =
    paramsOf(trainStarted, started.event).method === 'rl' ? theParent(started, 'policy') : undefined
  return (
    (await fromFirstStep(access, started.id, explainable.model.id, subject)) ??
    (policy === undefined ? undefined : await fromComparisons(access, explainable, policy, subject))
  )
}

const fromFirstStep = async (
  access: RecordAccess,
  started: EventId,
  model: EventId,
  subject: string,
): Promise<Rival | undefined> => {
  const { graph } = access
  const drawn = await graph.children(started, { type: 'rollout.drawn', role: 'policy' })
  const answers = drawn.filter((node) => node.subject === subject && node.status === 'ok').map(({ id }) => id)
  const classes = await classesOf(access, answers)
  const rewards = await graph.childrenOf(
    answers.filter((id) => classes.get(id)?.refuses === false),
    { type: 'reward.scored', role: 'answer' },
  )
  const scored = await scoredAnswers(
    access,
    [...rewards.values()].flat().map(({ id }) => id),
  )
  return best(
    scored.filter(({ reward }) => reward.event.parents.some(({ id }) => id === model)),
    'SL-CAI',
  )
}

/** Samples of a policy on one prompt text that stand in the preference model's comparisons: their features are on record. */
const fromComparisons = async (
  access: RecordAccess,
  { model }: ExplainedModel,
  policy: EventId,
  subject: string,
): Promise<Rival | undefined> => {
  const features = await eventOf(access, model.features.id)
  const pairs = await pairsWithFeatures(access, theParent(features, 'set'))
  const nodes = await access.graph.nodes(pairs)
  const rows = pairs.flatMap((pair, row) => (nodes[row]?.subject === subject ? [{ pair, row }] : []))
  const about = await eventsOf(
    access,
    rows.map(({ pair }) => pair),
  )
  const answers = about.flatMap((pair) => parentsOf(pair, 'sample'))
  const samples = await eventsOf(access, answers)
  const classes = await classesOf(access, answers)
  const values = readFloat32(await access.blobs.get(outcomeOf(featuresComputed, features.event)!.blob.digest))
  const { dimensions } = model.head
  const rivals = samples.flatMap((sample, at) => {
    const refuses = classes.get(sample.id)?.refuses
    if (parentOf(sample, 'policy') !== policy || refuses === true) return []
    const from = (2 * rows[at >> 1]!.row + (at & 1)) * dimensions
    const vector = values.slice(from, from + dimensions)
    // A pair without features has no numbers in the blob.
    if (Number.isNaN(vector[0])) return []
    return [
      {
        answer: sample.id,
        value: rewardOf(model.head, vector),
        features: vector,
        classed: refuses === false,
      },
    ]
  })
  const [first] = rivals.toSorted((a, b) => Number(b.classed) - Number(a.classed) || b.value - a.value)
  return first && { answer: first.answer, value: first.value, features: first.features, from: 'SL-CAI' }
}

/** The pair of each row of features, whether their set lists pairs or labels. */
const pairsWithFeatures = async (access: RecordAccess, set: EventId): Promise<readonly EventId[]> => {
  const members = await membersOf(access, set)
  const [first] = await access.graph.nodes(members.slice(0, 1))
  if (first?.type === 'pair.formed') return members
  const edges = await access.graph.parentsOf(members, 'pair')
  return members.map((label) => edges.get(label)![0]!.parent)
}
