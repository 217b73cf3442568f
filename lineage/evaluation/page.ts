import type { Recorded } from '../../events/event.ts'
import { labelAssigned, labelImported } from '../../events/vocabulary/feedback.ts'
import { modelRegistered, runSealed, runStarted } from '../../events/vocabulary/governance.ts'
import { constitutionOf } from '../contributors.ts'
import { timeOf } from '../id-prefix.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { picksOf } from '../picks.ts'
import type { AsOf } from '../projector.ts'
import { publishedPolicies } from '../published-policies.ts'
import { eventOf, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { trustOf } from '../trust.ts'
import { changedTables, type Snapshots } from './changed.ts'
import { eloTables } from './elo-tables.ts'
import { goodhartFigures } from './goodhart-figures.ts'
import { judgeFigures } from './judge.ts'
import { measuredAnswers } from './measured-answers.ts'
import { preferenceFigures } from './preference-figures.ts'
import { eventsOfType, failuresOf } from './run-events.ts'
import type { GoodhartFigures, ModelInView, RunInView, RunPage } from './run-page.ts'
import { preferenceModelsOf, rlTrainings } from './run-trainings.ts'
import { workTable } from './work.ts'

/**
 * Everything that the last page of a run shows, from the record alone.
 * @param run as `findRun` or `membersOfRun` gives it
 */
export const runPage = async (access: RecordAccess, run: RunMembers, asOf: AsOf): Promise<RunPage> => {
  const trusting = trustOf({ pool: access.graph.pool, memo: access.memo }, asOf, [run.sealed ?? run.started])
  trusting.catch(() => undefined)
  const started = await eventOf(access, run.started)
  const [constitution, models, published, trainings, preferenceModels] = await Promise.all([
    constitutionOf(access, started),
    eventsOfType(access, run, modelRegistered.type),
    publishedPolicies(access, run),
    rlTrainings(access, run),
    preferenceModelsOf(access, run),
  ])
  const snapshots: Snapshots = { base: models[0]?.id, published }
  const [measured, assigned, imported] = await Promise.all([
    measuredAnswers(access, run),
    eventsOfType(access, run, labelAssigned.type, 'ok'),
    eventsOfType(access, run, labelImported.type),
  ])
  const [training] = trainings
  const preferenceModel = training?.preferenceModel ?? preferenceModels.at(-1)
  const [elo, judge, preference, work, goodhart, failures] = await Promise.all([
    eloTables(access, run, snapshots),
    judgeFigures(access, run, assigned),
    preferenceModel === undefined ? undefined : preferenceFigures(access, run, preferenceModel),
    training === undefined ? undefined : workTable(access, training, constitution),
    goodhartFigures(access, trainings, measured, snapshots),
    failuresOf(access, run),
  ])
  return {
    run: {
      ...(await runInView(access, run, started, models)),
      humanLabels: humanLabelsOf(assigned, imported),
    },
    changed: changedTables(measured, snapshots),
    elo,
    judge,
    preference,
    work,
    goodhart,
    failures,
    picks: await picksOf(access, trainings, flaggedTrainings(goodhart)),
    trust: await trusting,
  }
}

/** The trainings that were pushed too far: gold turned while the reward rose. Repeated phrases alone are a warning. */
export const flaggedTrainings = (figures: readonly GoodhartFigures[]): ReadonlySet<string> =>
  new Set(
    figures
      .filter(({ flags }) => flags.some(({ kind }) => kind === 'gold turned'))
      .map(({ training }) => training),
  )

const runInView = async (
  access: RecordAccess,
  run: RunMembers,
  started: Recorded,
  models: readonly Recorded[],
): Promise<Omit<RunInView, 'humanLabels'>> => {
  const { settings } = paramsOf(runStarted, started.event)
  const constitution = await constitutionOf(access, started)
  const sealed = run.sealed === undefined ? undefined : await eventOf(access, run.sealed)
  const outcome = sealed && outcomeOf(runSealed, sealed.event)
  const { name, seed } = settings
  return {
    id: run.run,
    started: run.started,
    name: typeof name === 'string' ? name : 'run',
    seed: typeof seed === 'number' ? seed : 0,
    constitution: {
      id: constitution.id,
      name: constitution.name,
      version: constitution.version,
      principles: constitution.principles.length,
    },
    models: models.map(modelInView),
    sealed: outcome && sealed && { id: sealed.id, seal: outcome.seal, events: outcome.events },
    elapsed_ms: await elapsedOf(access, run),
  }
}

const modelInView = ({ id, event }: Recorded): ModelInView => {
  const { determinism, identity } = outcomeOf(modelRegistered, event)!
  const { name } = paramsOf(modelRegistered, event)
  return { id, plugin: event.by.plugin, name, determinism, identity }
}

const humanLabelsOf = (
  assigned: readonly Recorded[],
  imported: readonly Recorded[],
): RunInView['humanLabels'] =>
  imported.length > 0
    ? 'people'
    : assigned.some(({ event }) => paramsOf(labelAssigned, event).method === 'simulated_raters')
      ? 'simulated raters'
      : 'nobody'

/** By the hosts' claims, which nothing vouches for; undefined where a time is missing or runs backwards. */
const elapsedOf = async (access: RecordAccess, run: RunMembers): Promise<number | undefined> => {
  const ends = await access.graph.nodes([run.started, run.sealed ?? run.stages.at(-1)?.closed ?? run.started])
  const [from, to] = ends.map((node) => Date.parse((node && timeOf(node.meta)) ?? ''))
  const elapsed = to! - from!
  return elapsed >= 0 ? elapsed : undefined
}
