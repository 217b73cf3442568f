import { goodhartFigures } from '../lineage/evaluation/goodhart-figures.ts'
import { measuredAnswers } from '../lineage/evaluation/measured-answers.ts'
import { flaggedTrainings } from '../lineage/evaluation/page.ts'
import { lastOf } from '../lineage/picks.ts'
import { type RlTraining, rlTrainings } from '../lineage/evaluation/run-trainings.ts'
import type { Picks } from '../lineage/picks-types.ts'
import { picksOf } from '../lineage/picks.ts'
import { publishedPolicies } from '../lineage/published-policies.ts'
import type { RecordAccess } from '../lineage/record.ts'
import { findRun, membersOfRun, type RunMembers } from '../lineage/run-members.ts'
import { NothingToExplain } from '../lineage/trace-errors.ts'

export interface RewardedRun {
  readonly run: RunMembers
  readonly trainings: readonly RlTraining[]
}

const mostRuns = 10_000

/**
 * The run that was named, or the newest with rewarded rollouts.
 * @throws NothingToExplain where no run has any; NoSuchEvent, AmbiguousId
 */
export const rewardedRun = async (access: RecordAccess, named: string | undefined): Promise<RewardedRun> => {
  const { graph } = access
  if (named !== undefined) {
    const run = await findRun(graph.pool, named)
    const trainings = await rlTrainings(access, run)
    if (trainings.length > 0) return { run, trainings }
  } else {
    const started = await graph.byType('run.started', { limit: mostRuns })
    for (const { recipe, id } of started.toReversed()) {
      const run = await membersOfRun(graph.pool, recipe, id)
      const trainings = await rlTrainings(access, run)
      if (trainings.some(({ steps }) => steps.length > 0)) return { run, trainings }
    }
  }
  throw new NothingToExplain(
    'no rollout was rewarded by reinforcement learning yet',
    'name a reward: `hansard events --type reward.scored` lists them',
  )
}

/** What is worth a trace in a run. */
export const picksOfRun = async (access: RecordAccess, { run, trainings }: RewardedRun): Promise<Picks> => {
  const published = await publishedPolicies(access, run)
  const measured = await measuredAnswers(access, run)
  const goodhart = await goodhartFigures(access, trainings, measured, { base: undefined, published })
  return picksOf(access, trainings, flaggedTrainings(goodhart))
}

const aliases = ['@last', '@best', '@flagged'] as const
export type Alias = (typeof aliases)[number]
export const isAlias = (given: string): given is Alias => aliases.some((alias) => alias === given)

/** The reward that an alias stands for in a run. @throws NothingToExplain where there is none */
export const rewardOfAlias = async (
  access: RecordAccess,
  alias: Alias,
  rewarded: RewardedRun,
): Promise<string> => {
  const id =
    alias === '@last'
      ? (await lastOf(access, rewarded.trainings))?.scored.reward.id
      : (await picksOfRun(access, rewarded)).aliases[alias === '@best' ? 'best' : 'flagged']
  if (id !== undefined) return id
  throw new NothingToExplain(
    `nothing in run ${rewarded.run.run.slice(0, 8)} answers to ${alias}`,
    'list what is worth a trace with `hansard trace`',
  )
}
