import type { EventId, Recorded } from '../events/event.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { datasetImported } from '../events/vocabulary/governance.ts'
import {
  explain,
  explainedModel,
  scaledDifference,
  type ExplainedModel,
} from './attribution/explained-model.ts'
import { answersInView, classesOf } from './answers-in-view.ts'
import { bestOfGroup, bestOfSupervised, type Rival } from './contrast.ts'
import { constitutionOf, sharesInView } from './contributors.ts'
import { paramsOf } from './outcome.ts'
import type { AsOf } from './projector.ts'
import { eventOf, eventsOf, parentOf, type RecordAccess } from './record.ts'
import { refusalRates } from './refusal-rates.ts'
import { groupOf, preferenceModelOf, type RewardGroup } from './reward-group.ts'
import { membersOfRun } from './run-members.ts'
import { runOf } from './run-of.ts'
import { scoredAnswers, type ScoredAnswer } from './scored-answers.ts'
import { strongestInView } from './strongest-labels.ts'
import { preferenceModelInView, retrainedWithout } from './trace.ts'
import { NothingToExplain } from './trace-errors.ts'
import { trustOf } from './trust.ts'
import type { Contrast, Why } from './why-types.ts'

export interface WhyOptions {
  /** How far the projection had come. */
  readonly asOf: AsOf
  /** Keys of principles (or `human`) to fit the head again without. */
  readonly retrain?: readonly string[]
}

/** Labels shown that taught the refusal. */
const shownLabels = 5

/**
 * Why a model gave an answer, most often a refusal: since when it does, and what its reward was paid for, by contrast with
 * the best answer of its group that does not refuse (where all do, with one of the supervised policy on that prompt).
 * @param id of a rollout.drawn, or of its reward.scored
 * @throws NothingToExplain where it is neither
 */
export const why = async (access: RecordAccess, id: EventId, options: WhyOptions): Promise<Why> => {
  const { answer, reward } = await answerToExplain(access, id)
  const trusting = trustOf({ pool: access.graph.pool, memo: access.memo }, options.asOf, [answer.id])
  trusting.catch(() => undefined)
  const [inView, run, scored] = await Promise.all([
    answersInView(access, [answer.id]),
    runOf(access, answer.id),
    rewardOfAnswer(access, answer.id, reward),
  ])
  const members = run && (await membersOfRun(access.graph.pool, run.recipe, run.id))
  const sinceWhen = await refusalRates(access, members, answer.event.draw.subject)
  const view = inView.get(answer.id)!
  const group = scored && (await groupOf(access, scored))
  const { contrast, noContrast } =
    view.classified?.refuses === false
      ? {
          contrast: undefined,
          noContrast: 'the answer does not refuse; `hansard trace` says why it beat or lost to its group',
        }
      : await contrastOf(access, scored, group, run, options)
  return {
    answer: view,
    refuses: view.classified?.refuses,
    flat: view.classified?.flat,
    training: group && { name: group.step.training, step: group.step.step },
    sinceWhen,
    contrast,
    noContrast,
    limits: limitsOf(contrast),
    trust: await trusting,
  }
}

/** The answer that an event is, or is about; and the reward, where one was named. */
const answerToExplain = async (
  access: RecordAccess,
  id: EventId,
): Promise<{ readonly answer: Recorded; readonly reward: EventId | undefined }> => {
  const event = await eventOf(access, id)
  const isReward = event.event.type === 'reward.scored'
  const about = isReward || event.event.type === 'refusal.classified' ? parentOf(event, 'answer') : undefined
  const answer = about === undefined ? event : await eventOf(access, about)
  if (answers.has(answer.event.type)) return { answer, reward: isReward ? id : undefined }
  throw new NothingToExplain(
    `${id.slice(0, 12)} is a ${event.event.type}, not an answer`,
    'list rollouts with `hansard events --type rollout.drawn`',
  )
}

const answers = new Set(['rollout.drawn', 'sample.drawn', 'sample.imported', 'revision.written'])

/** The reward that was named, or the answer's by a preference model; where several scored it, the one that the projection met first. */
const rewardOfAnswer = async (
  access: RecordAccess,
  answer: EventId,
  named: EventId | undefined,
): Promise<ScoredAnswer | undefined> => {
  const nodes =
    named === undefined ? await access.graph.children(answer, { type: 'reward.scored', role: 'answer' }) : []
  const scored = await scoredAnswers(access, named === undefined ? nodes.map(({ id }) => id) : [named])
  return scored.find((one) => preferenceModelOf(one) !== undefined && Number.isFinite(one.value))
}

interface ContrastOrNot {
  readonly contrast: Contrast | undefined
  readonly noContrast: string | undefined
}

const none = (why: string): ContrastOrNot => ({ contrast: undefined, noContrast: why })

const contrastOf = async (
  access: RecordAccess,
  scored: ScoredAnswer | undefined,
  group: RewardGroup | undefined,
  run: Recorded | undefined,
  options: WhyOptions,
): Promise<ContrastOrNot> => {
  if (scored?.features === undefined) return none('no preference model scored this answer')
  if (group === undefined) return none('no training took a step on it, so it has no group')
  const [explainable, near] = await Promise.all([
    explainedModel(access, preferenceModelOf(scored)!),
    bestOfGroup(access, group),
  ])
  const rival = near ?? (await bestOfSupervised(access, group, explainable, scored.reward.event.draw.subject))
  if (rival === undefined)
    return none(
      'its whole group refuses, and no answer of the supervised policy to this prompt has features on record',
    )
  const constitution = run === undefined ? undefined : await constitutionOf(access, run)
  const u = scaledDifference(explainable, scored.features, rival.features)
  const explained = explain(explainable, scored.value - rival.value, u)
  const [other, taught, onRedTeam, refused] = await Promise.all([
    answersInView(access, [rival.answer]),
    strongestInView(access, explainable, explained, u, 'answer'),
    humanLabelsOnRedTeam(access, explainable),
    refusedIn(access, group),
  ])
  return {
    noContrast: undefined,
    contrast: {
      rewards: { answer: scored.value, other: rival.value },
      gap: explained.difference,
      residual: explained.residual,
      other: other.get(rival.answer)!,
      otherFrom: rival.from satisfies Rival['from'],
      group: { answers: group.rewards.length, refused },
      ...sharesInView(constitution, explainable, explained),
      taughtBy: taught.slice(0, shownLabels),
      humanLabelsOnRedTeam: onRedTeam,
      preferenceModel: preferenceModelInView(explainable),
      retrained: (options.retrain ?? []).map((key) =>
        retrainedWithout(explainable, explained, u, key, constitution),
      ),
    },
  }
}

const refusedIn = async (access: RecordAccess, group: RewardGroup): Promise<number> => {
  const classes = await classesOf(
    access,
    group.rewards.map(({ answer }) => answer),
  )
  return [...classes.values()].filter(({ refuses }) => refuses).length
}

/** Labels without a principle whose prompt was written for, or generated in, red teaming. */
const humanLabelsOnRedTeam = async (access: RecordAccess, { model }: ExplainedModel): Promise<number> => {
  const human = model.labels.filter(({ event }) => !event.parents.some(({ role }) => role === 'principle'))
  const { rows } = await access.graph.pool.query<{ dataset: string | null; type: string; count: string }>(
    `select encode(d.parent, 'hex') as dataset, n.type, count(*) as count
      from projection.edges l
        join projection.edges p on p.child = l.parent and p.role = 'prompt'
        join projection.nodes n on n.id = p.parent
        left join projection.edges d on d.child = p.parent and d.role = 'dataset'
      where l.child = any($1::bytea[]) and l.role = 'pair'
      group by d.parent, n.type`,
    [digestArray(human.map(({ id }) => id))],
  )
  const datasets = rows.flatMap(({ dataset }) => dataset ?? [])
  const imported = await eventsOf(access, datasets)
  const redTeam = new Set(
    imported.flatMap(({ id, event }) => (paramsOf(datasetImported, event).use === 'red_team' ? [id] : [])),
  )
  return rows.reduce(
    (sum, { dataset, type, count }) =>
      type === 'prompt.generated' || (dataset !== null && redTeam.has(dataset)) ? sum + Number(count) : sum,
    0,
  )
}

const limitsOf = (contrast: Contrast | undefined): readonly string[] => [
  'explains what reinforcement learning was paid for, not what supervised fine-tuning taught',
  ...(contrast !== undefined && contrast.gap < 0
    ? ['this refusal earned less than the other answer: reinforcement learning paid against it']
    : []),
  ...(contrast === undefined ? [] : ['held fixed: features, pairs, policy, rollouts · one seed']),
  ...(contrast?.other.classified === undefined && contrast?.otherFrom === 'SL-CAI'
    ? ['the other answer was never classed: it may refuse too']
    : []),
]
