import type { EventId } from '../events/event.ts'
import type { Run } from './run-context.ts'
import { Stage } from './stage.ts'
import { closeStage, type Sealed, sealRun } from './stages/close.ts'
import type { Ruling } from './stages/chain-questions.ts'
import { critiqueAndRevise } from './stages/critique-revise.ts'
import {
  answerItems,
  compareSnapshots,
  type Evaluated,
  evaluateSnapshot,
  measureChains,
  type Snapshot,
} from './stages/evaluate.ts'
import { labelPairs } from './stages/feedback.ts'
import { compareHelpfulness } from './stages/helpfulness.ts'
import { fitPreference } from './stages/preference.ts'
import { gatherPrompts } from './stages/prompts.ts'
import { type Published, publish } from './stages/publish.ts'
import { reinforce, type Segment, segmentEnds } from './stages/reinforce.ts'
import { rewardAgain } from './stages/reward-again.ts'
import { scorePairs } from './stages/score-pairs.ts'
import { superviseFineTuning } from './stages/supervised.ts'
import { policyOf } from './stages/train.ts'

/** Makes a step durable: runs it once, or gives back what it gave before a crash. */
export type Durably = <T>(name: string, step: () => Promise<T>) => Promise<T>

/**
 * Constitutional AI (Bai et al. 2022), from prompts to an evaluated policy. Every stage states recipes, asks the memo,
 * puts what is missing to a plugin and records what comes; between stages only ids travel.
 */
export const constitutionalAi = async (run: Run, durably: Durably): Promise<Sealed> => {
  const closed: EventId[] = []
  const stage = async <T>(name: string, title: string, work: (at: Stage) => Promise<T>): Promise<T> => {
    const step = await durably(name, async () => {
      const began = performance.now()
      const at = new Stage(run, name, title)
      const result = await work(at)
      const id = await closeStage(at, run.started.id)
      run.watch({
        kind: 'closed',
        stage: name,
        events: at.used.size,
        seconds: (performance.now() - began) / 1000,
      })
      return { result, id }
    })
    closed.push(step.id)
    return step.result
  }

  const published = await stage('constitution', 'Constitution and models', publish)
  const prompts = await stage('prompts', 'Prompts', (at) => gatherPrompts(at, published))

  const chains = await stage('critique', 'Critique and revise', (at) =>
    critiqueAndRevise(at, published.model, rulingOf(run, published), prompts),
  )
  await stage('harm', 'Harm by revision', (at) => measureChains(at, prompts, chains))
  const supervised = await stage('supervised', 'Supervised fine-tuning', (at) =>
    superviseFineTuning(at, published, prompts, chains),
  )
  const policy = supervised?.policy ?? { event: published.model }

  const feedback = await stage('feedback', 'AI labels', (at) => labelPairs(at, published, prompts, policy))
  const helpfulness = await stage('helpfulness', 'Helpfulness comparisons', (at) =>
    compareHelpfulness(at, published, prompts, policy),
  )
  const preference = await stage('preference', 'Preference model', (at) =>
    fitPreference(at, policy, [feedback, helpfulness]),
  )
  if (preference !== undefined)
    await stage('pairs scored', 'Rewards of both answers', (at) => scorePairs(at, preference))

  const snapshots: Snapshot[] = [{ name: 'base', policy: { event: published.model } }]
  if (supervised !== undefined) snapshots.push({ name: 'SL-CAI', policy: supervised.policy })
  if (run.cast.held && preference !== undefined)
    await stage('rewards again', 'Rewards of the held rollouts', (at) => rewardAgain(at, preference))
  const trainings = run.cast.held ? false : run.settings.reinforcement
  if (trainings !== false && run.cast.trainer && supervised !== undefined && preference !== undefined)
    for (const training of trainings) {
      const before: Segment[] = []
      for (const end of segmentEnds(training)) {
        const segment = await stage(`${training.name} ${end}`, training.name, (at) =>
          reinforce(at, { training, prompts, supervised, preference, before: [...before], end }),
        )
        before.push(segment)
        if (segment.published)
          snapshots.push({ name: `${training.name} ${end}`, policy: policyOf(segment.end) })
      }
    }
  else if (trainings !== false && trainings.length > 0)
    run.watch({ kind: 'notice', line: withoutReinforcement })

  if (run.settings.evaluation !== false) {
    const evaluated: Evaluated[] = []
    for (const snapshot of snapshots)
      evaluated.push(
        await stage(`evaluate ${snapshot.name}`, `Evaluate ${snapshot.name}`, (at) =>
          evaluateSnapshot(at, prompts, snapshot),
        ),
      )
    await stage('comparisons', 'Comparisons of snapshots', (at) => compareSnapshots(at, prompts, evaluated))
    await stage('items', 'Items with a known answer', (at) => answerItems(at, published))
  }
  return durably('seal', () => sealRun(run, run.started.id, closed))
}

const withoutReinforcement =
  'no reinforcement learning: it needs a trainer, a policy that was fine-tuned and a preference model'

/** The constitution that shapes the policy: the run's own, or that of the run whose policy is held. */
const rulingOf = (run: Run, published: Published): Ruling => {
  const { constitution, held } = run.cast
  return held && published.held
    ? { constitution: held.constitution, published: published.held }
    : { constitution, published }
}
