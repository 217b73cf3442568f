import type { EventId, Recorded } from '../events/event.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { principleDefined } from '../events/vocabulary/governance.ts'
import { policyPublished } from '../events/vocabulary/reinforcement.ts'
import { setFormed, trainStarted, trainStepped } from '../events/vocabulary/training.ts'
import type { ExplainedModel } from './attribution/explained-model.ts'
import type { ConstitutionInView } from './contributors.ts'
import { paramsOf } from './outcome.ts'
import { eventOf, eventsOf, parentOf, theParent, type RecordAccess } from './record.ts'
import { leavesOf } from './run-members.ts'
import type { PathStep } from './trace-types.ts'
import { stepsBefore, trainingName } from './training-steps.ts'

/** What the path of a reward is drawn from. */
export interface PathSources {
  readonly reward: Recorded
  readonly answer: Recorded
  readonly explainable: ExplainedModel | undefined
  readonly constitution: ConstitutionInView | undefined
}

/**
 * The history of a reward, condensed: reward → answer → its policy, step by step back to supervised fine-tuning, its
 * revisions and their principles; and reward → preference model → labels → their principles. Every hop is an event on record.
 */
export const pathOf = async (access: RecordAccess, sources: PathSources): Promise<readonly PathStep[]> => {
  const [policy, preference] = await Promise.all([
    policyBranch(access, sources),
    preferenceBranch(access, sources),
  ])
  return [...policy, ...preference]
}

const hop = (branch: PathStep['branch'], role: string, { id, event }: Recorded, note: string): PathStep => ({
  branch,
  role,
  id,
  type: event.type,
  note,
})

const policyBranch = async (
  access: RecordAccess,
  { reward, answer }: PathSources,
): Promise<readonly PathStep[]> => {
  const prompt = await eventOf(access, theParent(answer, 'prompt'))
  const steps: PathStep[] = [
    hop('answer', '', reward, 'reward'),
    hop('answer', 'answer', answer, answer.event.type === 'rollout.drawn' ? 'rollout' : 'answer'),
    hop('answer', 'prompt', prompt, 'prompt'),
  ]
  const policy = parentOf(answer, 'policy')
  if (policy !== undefined) steps.push(...(await trainingHops(access, policy, 'answer')))
  return steps
}

/** From a policy back through the trainings that made it. */
const trainingHops = async (
  access: RecordAccess,
  policy: EventId,
  branch: PathStep['branch'],
): Promise<readonly PathStep[]> => {
  const ids = await stepsBefore(access, policy)
  const [last, started] = await eventsOf(access, [policy, ids.at(-1)!])
  if (last === undefined || started === undefined || started.event.type !== trainStarted.type)
    return last === undefined
      ? []
      : [
          hop(
            branch,
            'policy',
            last,
            last.event.type === 'model.registered' ? 'the model as it was registered' : 'policy',
          ),
        ]
  const name = trainingName(started.event.draw.subject)
  const steps: PathStep[] = []
  if (last.event.type === trainStepped.type) {
    const { step } = paramsOf(trainStepped, last.event)
    const published = await publishedName(access, last.id)
    const note = `${name} step ${step}${published === undefined ? '' : `, published as ${published}`}`
    steps.push({
      ...hop(branch, 'policy', last, note),
      ...(ids.length > 2 ? { condensed: ids.length - 2 } : {}),
    })
  }
  const { method } = paramsOf(trainStarted, started.event)
  steps.push(hop(branch, ids.length > 1 ? 'after' : 'policy', started, `${name} began (${method})`))
  const set = parentOf(started, 'set')
  if (method === 'sft' && set !== undefined) steps.push(...(await supervisedHops(access, set)))
  steps.push(
    ...(await trainingHops(access, theParent(started, 'policy'), method === 'rl' ? 'supervised' : branch)),
  )
  return steps
}

const publishedName = async (access: RecordAccess, policy: EventId): Promise<string | undefined> => {
  const [node] = await access.graph.children(policy, { type: policyPublished.type, role: 'policy', limit: 1 })
  return node === undefined
    ? undefined
    : paramsOf(policyPublished, (await eventOf(access, node.id)).event).name
}

/** The set of a supervised training, what it holds, and the principles that its revisions were written by. */
const supervisedHops = async (access: RecordAccess, set: EventId): Promise<readonly PathStep[]> => {
  const root = await eventOf(access, set)
  const { count } = paramsOf(setFormed, root.event)
  const leaves = await leavesOf(access.graph.pool, [set])
  const { rows } = await access.graph.pool.query<{
    type: string
    principle: string | null
    count: string
    example: string
  }>(
    `select n.type, encode(p.parent, 'hex') as principle, count(*) as count, min(encode(n.id, 'hex')) as example
      from projection.edges e join projection.nodes n on n.id = e.parent
        left join projection.edges p on p.child = n.id and p.role = 'principle'
      where e.child = any($1::bytea[]) and e.role = 'child'
      group by n.type, p.parent order by n.type, count(*) desc, p.parent`,
    [digestArray(leaves)],
  )
  const steps: PathStep[] = [hop('supervised', 'set', root, `set of ${count} answers`)]
  for (const [type, group] of Map.groupBy(rows, (row) => row.type)) {
    const total = group.reduce((sum, row) => sum + Number(row.count), 0)
    steps.push({
      branch: 'supervised',
      role: 'child',
      id: group[0]!.example,
      type,
      note: type === 'revision.written' ? `${total} revisions` : `${total} answers`,
      ...(total > 1 ? { condensed: total - 1 } : {}),
    })
  }
  const byPrinciple = rows.filter((row) => row.principle !== null)
  const principles = await eventsOf(
    access,
    byPrinciple.map((row) => row.principle!),
  )
  principles.forEach((principle, at) => {
    const { key } = paramsOf(principleDefined, principle.event)
    steps.push(hop('supervised', 'principle', principle, `${key}: ${byPrinciple[at]!.count} revisions`))
  })
  return steps
}

const preferenceBranch = async (
  access: RecordAccess,
  { reward, explainable, constitution }: PathSources,
): Promise<readonly PathStep[]> => {
  if (explainable === undefined) {
    const principles = await eventsOf(
      access,
      reward.event.parents.filter(({ role }) => role === 'principle').map(({ id }) => id),
    )
    return principles.map((principle) =>
      hop('preference model', 'principle', principle, paramsOf(principleDefined, principle.event).key),
    )
  }
  const { model, labels } = explainable
  const [saved, set] = await eventsOf(access, [model.id, model.set])
  const branch = 'preference model'
  const [example] = model.labels
  const rest = model.labels.length - 1
  const order = new Map((constitution?.principles ?? []).map(({ id }, at) => [id, at]))
  const principles = model.contributors
    .map((contributor, at) => ({ ...contributor, labels: labels[at]! }))
    .flatMap(({ key, id, labels: count }) => (id === undefined ? [] : [{ key, id, count }]))
    .toSorted(
      (a, b) => (order.get(a.id) ?? Infinity) - (order.get(b.id) ?? Infinity) || (a.key < b.key ? -1 : 1),
    )
  return [
    hop(branch, 'preference_model', saved!, 'preference model'),
    hop(
      branch,
      'step',
      model.stepped,
      `Bradley–Terry fit, λ ${model.head.lambda}, gradient ${model.gradientNorm.toExponential(0)}`,
    ),
    hop(branch, 'after', model.started, 'preference model began, on the frozen trunk'),
    hop(
      branch,
      'features',
      model.features,
      `features of ${model.comparisons.starts.length - 1} comparisons, ${model.head.dimensions} dimensions`,
    ),
    hop(branch, 'set', set!, `set of ${model.labels.length} labels`),
    ...(example === undefined
      ? []
      : [
          {
            ...hop(branch, 'child', example, `${model.labels.length} labels`),
            ...(rest > 0 ? { condensed: rest } : {}),
          },
        ]),
    ...principles.map(({ key, id, count }): PathStep => ({
      branch,
      role: 'principle',
      id,
      type: principleDefined.type,
      note: `${key}: ${count} labels`,
    })),
  ]
}
