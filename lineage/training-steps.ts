import type { EventId, Recorded } from '../events/event.ts'
import { trainStarted, trainStepped } from '../events/vocabulary/training.ts'
import { childrenBy, nodeOf, parentsBy } from './edge-lookups.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import { eventOf, eventsOf, theParent, type RecordAccess } from './record.ts'
import { numFrom } from '../events/texts.ts'

/** One optimiser step, and the training that it belongs to. */
export interface TrainingStep {
  readonly event: Recorded
  readonly started: Recorded
  /** The name under which the run file speaks of the training: `RL-CAI`. */
  readonly training: string
  /** From 1. */
  readonly step: number
}

/** `reinforcement/RL-CAI` → `RL-CAI`: the subject of a training's acts, without the stage. */
export const trainingName = (subject: string): string => subject.slice(subject.lastIndexOf('/') + 1)

/**
 * The steps that were taken on a reward: of the trainings whose set of rewards holds it. More than one where runs share
 * an answer. In the order in which the projection met them.
 */
export const stepsOfReward = async (
  access: RecordAccess,
  reward: EventId,
): Promise<readonly TrainingStep[]> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `with recursive up(id) as (
        select $1::bytea
        union
        select e.child from up, ${childrenBy('up.id', 'child')} e)
      select encode(e.child, 'hex') as id
        from up, ${childrenBy('up.id', 'set')} e, ${nodeOf('e.child')} n
        where n.type = $2 order by n.seq`,
    [Buffer.from(reward, 'hex'), trainStepped.type],
  )
  return Promise.all(
    rows.map(async ({ id }) => {
      const event = await eventOf(access, id)
      const started = await startedOf(access, id)
      return {
        event,
        started,
        training: trainingName(event.event.draw.subject),
        step: paramsOf(trainStepped, event.event).step,
      }
    }),
  )
}

/** The steps of a training up to one of its events, the last first, then its `train.started`. */
export const stepsBefore = async (access: RecordAccess, id: EventId): Promise<readonly EventId[]> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `with recursive back(id, n) as (
        select $1::bytea, 0
        union all
        select e.parent, n + 1 from back, ${parentsBy('back.id', 'after')} e where n < $2)
      select encode(id, 'hex') as id from back order by n`,
    [Buffer.from(id, 'hex'), mostSteps],
  )
  return rows.map((row) => row.id)
}

/** Steps that a training may have before a walk along them is given up. */
const mostSteps = 1_000_000

/** The `train.started` of a step; of a `train.started` itself. */
export const startedOf = async (access: RecordAccess, id: EventId): Promise<Recorded> =>
  eventOf(access, (await stepsBefore(access, id)).at(-1)!)

/** Rollouts of a group in this training; undefined where its settings name none. */
export const groupSizeOf = (started: Recorded): number | undefined => {
  const { group } = paramsOf(trainStarted, started.event).settings
  return typeof group === 'number' && Number.isInteger(group) && group > 0 ? group : undefined
}

/** All RL trainings on record that rest on some policies or belong to a run, with their steps in order. */
export const stepsOf = async (access: RecordAccess, started: EventId): Promise<readonly Recorded[]> => {
  const { rows } = await access.graph.pool.query<{ id: string }>(
    `with recursive on_(id, n) as (
        select $1::bytea, 0
        union all
        select e.child, n + 1 from on_, ${childrenBy('on_.id', 'after')} e where n < $2)
      select encode(id, 'hex') as id from on_ where n > 0 order by n`,
    [Buffer.from(started, 'hex'), mostSteps],
  )
  return eventsOf(
    access,
    rows.map((row) => row.id),
  )
}

/** The trainer's own advantage of each item of a step, in item order; undefined where it gave none. */
export const advantagesOf = (step: Recorded): readonly number[] | undefined =>
  outcomeOf(trainStepped, step.event)?.advantages?.map((value) => numFrom(value))

/** The set that a step was taken on. */
export const setOfStep = (step: Recorded): EventId => theParent(step, 'set')
