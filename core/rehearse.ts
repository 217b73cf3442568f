import { constitutionalAi } from './run.ts'
import { type Forecast, type Rehearsal, RehearsalEnds } from './rehearsal.ts'
import type { Run } from './run-context.ts'
import type { Settings } from './settings.ts'

/**
 * Says, stage by stage, what a run would ask anew on this record. Acts that rest on an answer which is not there yet are
 * counted as new; stages after a training that is not there are new altogether.
 * @param run composed with `rehearsalParts`
 */
export const rehearse = async (run: Run, rehearsal: Rehearsal): Promise<readonly Forecast[]> => {
  try {
    await constitutionalAi(run, (_, step) => step())
  } catch (error) {
    if (!(error instanceof RehearsalEnds)) throw error
  }
  const seen = rehearsal.forecasts()
  const reached = new Set(seen.map(({ stage }) => stage))
  return [
    ...seen,
    ...plannedStages(run.settings, run.cast.held !== undefined).filter(({ stage }) => !reached.has(stage)),
  ]
}

/** What the stages after the supervised policy ask at most, by the settings alone. */
const plannedStages = (settings: Settings, held: boolean): readonly Forecast[] => {
  const { feedback, helpfulness, preference, reinforcement, evaluation } = settings
  const planned = (stage: string, title: string, count: number) => ({
    stage,
    title,
    total: count,
    toAsk: count,
  })
  const pairs = feedback === false ? 0 : feedback.pairs
  const comparisons = helpfulness === false ? 0 : helpfulness.comparisons
  return [
    planned('feedback', 'AI labels', 3 * pairs),
    planned(
      'helpfulness',
      'Helpfulness comparisons',
      (settings.helpfulness && settings.helpfulness.from === 'raters' ? 3 : 0) * comparisons,
    ),
    planned('preference', 'Preference model', preference === false ? 0 : 2 * (pairs + comparisons)),
    ...(reinforcement === false || held
      ? []
      : reinforcement.map(({ name, steps, prompts_per_step, group }) =>
          planned(name, name, steps * prompts_per_step * group),
        )),
    ...(evaluation === false ? [] : [planned('evaluation', 'Evaluation of the new snapshots', 0)]),
  ].filter(({ stage, total }) => total > 0 || stage === 'evaluation')
}
