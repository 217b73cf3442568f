import type { EventId, Recorded } from '../../events/event.ts'
import { eventsOf, membersOf, textsOf, theParent, type RecordAccess } from '../record.ts'
import { scoredAnswers } from '../scored-answers.ts'
import { setOfStep } from '../training-steps.ts'
import type { Snapshots } from './changed.ts'
import { flagsOf } from './goodhart.ts'
import { meanAndError, type MeasuredAnswer } from './measured-answers.ts'
import { phraseConcentration } from './phrases.ts'
import type { GoodhartFigures, GoodhartPoint } from './run-page.ts'
import type { RlTraining } from './run-trainings.ts'

/** Steps whose mean reward stands for a snapshot: those that led up to it. */
const rewardWindow = 5

/** Reward against gold over the snapshots of each training, on all held-out prompts. */
export const goodhartFigures = async (
  access: RecordAccess,
  trainings: readonly RlTraining[],
  measured: readonly MeasuredAnswer[],
  { published }: Snapshots,
): Promise<readonly GoodhartFigures[]> => {
  const figures: GoodhartFigures[] = []
  for (const training of trainings) {
    const start = theParent(training.started, 'policy')
    const marks = [
      { name: published.find(({ policy }) => policy === start)?.name ?? 'start', policy: start, step: 0 },
      ...published.filter(({ subject }) => subject === training.subject),
    ]
    const points = await Promise.all(
      marks.map(async ({ name, policy, step }): Promise<GoodhartPoint> => {
        const answers = measured.filter((one) => one.policy === policy && one.use.startsWith('held_out'))
        const gold = meanAndError(answers.map(({ scores }) => scores['gold']))
        return {
          name,
          step,
          policy,
          reward: await meanReward(access, stepsNear(training, step)),
          gold: gold?.mean,
          goldError: gold?.error,
          phrases: await phrasesOf(
            access,
            answers.map(({ answer }) => answer),
          ),
        }
      }),
    )
    figures.push({ training: training.name, points, flags: flagsOf(points) })
  }
  return figures
}

/** The steps up to a snapshot; for the start its own weights' rollouts, those of the first step. */
const stepsNear = ({ steps }: RlTraining, step: number): readonly Recorded[] =>
  step === 0 ? steps.slice(0, 1) : steps.slice(Math.max(0, step - rewardWindow), step)

const meanReward = async (access: RecordAccess, steps: readonly Recorded[]): Promise<number | undefined> => {
  const ids = await Promise.all(steps.map((step) => membersOf(access, setOfStep(step))))
  const rewards = await scoredAnswers(access, ids.flat())
  return meanAndError(rewards.map(({ value }) => value))?.mean
}

const phrasesOf = async (access: RecordAccess, answers: readonly EventId[]) => {
  const texts = await textsOf(access, await eventsOf(access, answers))
  return phraseConcentration(texts.filter((text) => text !== null))
}
