import type { Recorded } from '../events/event.ts'
import { refusalClassified } from '../events/vocabulary/evaluation.ts'
import { classOf } from './answers-in-view.ts'
import { publishedPolicies, type PublishedPolicy } from './published-policies.ts'
import { eventsOf, parentOf, theParent, type RecordAccess } from './record.ts'
import { eventsOfRun, type RunMembers, runParameters } from './run-members.ts'
import { trainingName } from './training-steps.ts'
import type { RefusalRate } from './why-types.ts'

/** An answer that was classed, and by which policy it was given. */
interface Classed {
  readonly answer: Recorded
  readonly policy: Recorded
  readonly refuses: boolean
}

/** Where the answers of one policy, or of one stretch of a training, are counted. */
interface Row {
  readonly key: string
  readonly training: number
  readonly step: number
  readonly rate: Pick<RefusalRate, 'stage' | 'policy' | 'from'>
}

/**
 * How often answers to one very prompt text refuse, from the first model to the last step on record: fresh samples of the
 * base and of published policies, and the rollouts of each stretch of RL between two of them. Revisions are no fresh answers.
 */
export const refusalRates = async (
  access: RecordAccess,
  run: RunMembers | undefined,
  subject: string,
): Promise<readonly RefusalRate[]> => {
  const [classed, published] = await Promise.all([
    classedAnswers(access, run, subject),
    publishedPolicies(access, run),
  ])
  const counted = classed.flatMap((one) => {
    const row = rowOf(one, published)
    return row === undefined ? [] : [{ row, refuses: one.refuses }]
  })
  return [...Map.groupBy(counted, ({ row }) => row.key).values()]
    .map((of) => ({
      row: of[0]!.row,
      answers: of.length,
      refused: of.filter(({ refuses }) => refuses).length,
    }))
    .toSorted(
      (a, b) =>
        a.row.training - b.row.training ||
        a.row.step - b.row.step ||
        (a.row.rate.from < b.row.rate.from ? -1 : 1),
    )
    .map(({ row, answers, refused }) => ({ ...row.rate, answers, refused }))
}

/** Undefined for samples of a policy that was not published. */
const rowOf = ({ answer, policy }: Classed, published: readonly PublishedPolicy[]): Row | undefined => {
  const { subject } = policy.event.draw
  if (policy.event.type === 'model.registered')
    return {
      key: policy.id,
      training: -1,
      step: 0,
      rate: { stage: 'base', policy: policy.id, from: 'samples' },
    }
  const trainings = [...new Set(published.map((one) => one.subject)), subject]
  const training = trainings.indexOf(subject)
  if (answer.event.type === 'rollout.drawn') {
    const [first, last] = stretch(published, subject, answer.event.draw.round)
    const stage = `${trainingName(subject)} ${first}–${last === Infinity ? '…' : last}`
    return {
      key: `${subject} ${last}`,
      training,
      step: last,
      rate: { stage, policy: undefined, from: 'rollouts' },
    }
  }
  const named = published.find((one) => one.policy === policy.id)
  if (named === undefined) return undefined
  return {
    key: policy.id,
    training,
    step: named.step,
    rate: { stage: named.name, policy: policy.id, from: 'samples' },
  }
}

/** The steps from one published policy of a training to the next, `step` among them: the first and the last. */
const stretch = (
  published: readonly PublishedPolicy[],
  training: string,
  step: number,
): readonly [first: number, last: number] => {
  const ends = published.filter((one) => one.subject === training).map((one) => one.step)
  return [
    Math.max(0, ...ends.filter((end) => end < step)) + 1,
    Math.min(Infinity, ...ends.filter((end) => end >= step)),
  ]
}

const classedAnswers = async (
  access: RecordAccess,
  run: RunMembers | undefined,
  subject: string,
): Promise<readonly Classed[]> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `select encode(n.id, 'hex') as id from projection.nodes n
      where n.type = $1 and n.subject = $2 and n.status = 'ok' ${run === undefined ? '' : `and ${eventsOfRun(run, 3)}`} order by n.seq`,
    [refusalClassified.type, subject, ...(run === undefined ? [] : runParameters(run))],
  )
  const events = await eventsOf(
    access,
    rows.map(({ id }) => id),
  )
  const answers = await eventsOf(
    access,
    events.map((event) => theParent(event, 'answer')),
  )
  const fresh = answers.flatMap((answer, at) =>
    answer.event.type === 'sample.drawn' || answer.event.type === 'rollout.drawn'
      ? [{ answer, event: events[at]! }]
      : [],
  )
  const policies = await eventsOf(
    access,
    fresh.map(({ answer }) => parentOf(answer, 'policy')!),
  )
  return fresh.map(({ answer, event }, at) => ({
    answer,
    policy: policies[at]!,
    refuses: classOf(event)?.refuses === true,
  }))
}
