import type { EventId, Recorded } from '../../events/event.ts'
import { checkpointSaved, trainStarted } from '../../events/vocabulary/training.ts'
import { paramsOf } from '../outcome.ts'
import { theParent, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { groupsOf } from '../reward-group.ts'
import { membersOf } from '../record.ts'
import { scoredAnswers, type ScoredAnswer } from '../scored-answers.ts'
import { groupSizeOf, setOfStep, stepsOf, trainingName } from '../training-steps.ts'
import { eventsOfType } from './run-events.ts'

/** An RL training of a run. */
export interface RlTraining {
  readonly name: string
  /** Subject of its acts. */
  readonly subject: string
  readonly started: Recorded
  /** In order. */
  readonly steps: readonly Recorded[]
  readonly preferenceModel: EventId
}

/** The RL trainings of a run, in the order in which they began. */
export const rlTrainings = async (access: RecordAccess, run: RunMembers): Promise<readonly RlTraining[]> => {
  const started = (await eventsOfType(access, run, trainStarted.type)).filter(
    ({ event }) => paramsOf(trainStarted, event).method === 'rl',
  )
  return Promise.all(
    started.map(async (one) => ({
      name: trainingName(one.event.draw.subject),
      subject: one.event.draw.subject,
      started: one,
      steps: await stepsOf(access, one.id),
      preferenceModel: theParent(one, 'preference_model'),
    })),
  )
}

/** The rewards of one step, by group. */
export const groupsOfStep = async (
  access: RecordAccess,
  training: RlTraining,
  step: Recorded,
): Promise<readonly (readonly ScoredAnswer[])[]> => {
  const rewards = await scoredAnswers(access, await membersOf(access, setOfStep(step)))
  return groupsOf(rewards, groupSizeOf(training.started) ?? rewards.length)
}

/** The preference models that a run fitted. */
export const preferenceModelsOf = async (
  access: RecordAccess,
  run: RunMembers,
): Promise<readonly EventId[]> =>
  (await eventsOfType(access, run, checkpointSaved.type))
    .filter(({ event }) => paramsOf(checkpointSaved, event).kind === 'preference_model')
    .map(({ id }) => id)
