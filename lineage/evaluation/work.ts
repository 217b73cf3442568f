import { applyRows } from '../attribution/adds-up.ts'
import { explainedModel, scaledDifference, type ExplainedModel } from '../attribution/explained-model.ts'
import { human } from '../attribution/labelled-comparisons.ts'
import type { ConstitutionInView } from '../contributors.ts'
import type { RecordAccess } from '../record.ts'
import { meanOf, type ScoredAnswer } from '../scored-answers.ts'
import { groupsOfStep, type RlTraining } from './run-trainings.ts'
import type { WorkRow, WorkTable } from './run-page.ts'

/** RL steps whose rewards are looked at: the last ones. */
const lastSteps = 10

/**
 * Who did the work: how far the advantages of the last steps' rewards would move, in the mean, without each principle's
 * labels (one Newton step each, then products with all rewards at once). Undefined where a training took no step.
 */
export const workTable = async (
  access: RecordAccess,
  training: RlTraining,
  constitution: ConstitutionInView | undefined,
): Promise<WorkTable | undefined> => {
  const steps = training.steps.slice(-lastSteps)
  if (steps.length === 0) return undefined
  const [explainable, ...groups] = await Promise.all([
    explainedModel(access, training.preferenceModel),
    ...steps.map((step) => groupsOfStep(access, training, step)),
  ])
  const advantages = groups.flat().flatMap((group) => advantagesOf(explainable, group))
  const moves = advantages.map(({ u }) => applyRows(explainable.moves, u))
  const meanMove = (column: number) =>
    moves.reduce((sum, move) => sum + Math.abs(move[column]!), 0) / Math.max(1, moves.length)
  return {
    training: training.name,
    steps: [training.steps.length - steps.length + 1, training.steps.length],
    rewards: advantages.length,
    meanAdvantage:
      advantages.reduce((sum, { value }) => sum + Math.abs(value), 0) / Math.max(1, advantages.length),
    rows: rowsOf(explainable, constitution, meanMove),
  }
}

/** Every reward's difference from the mean of its group, and its scaled features; rewards that are no number are left out. */
const advantagesOf = (explainable: ExplainedModel, group: readonly ScoredAnswer[]) => {
  const finite = group.filter(({ value, features }) => features !== undefined && Number.isFinite(value))
  const mean = finite.reduce((sum, { value }) => sum + value, 0) / finite.length
  const reference = meanOf(finite.map(({ features }) => features!))
  return finite.map(({ value, features }) => ({
    value: value - mean,
    u: scaledDifference(explainable, features!, reference),
  }))
}

/** Every principle of the constitution, then others, then humans; by how much they move. */
const rowsOf = (
  { model, labels }: ExplainedModel,
  constitution: ConstitutionInView | undefined,
  meanMove: (column: number) => number,
): readonly WorkRow[] => {
  const heard = model.contributors.map(({ key, id }, column) => ({
    contributor: key,
    id,
    labels: labels[column]!,
    meanMove: meanMove(column),
  }))
  const known = new Set(heard.map(({ id }) => id))
  const silent = (constitution?.principles ?? [])
    .filter(({ id }) => !known.has(id))
    .map(({ key, id }) => ({ contributor: key, id, labels: 0, meanMove: 0 }))
  return [...heard, ...silent].toSorted(
    (a, b) => Number(a.contributor === human) - Number(b.contributor === human) || b.meanMove - a.meanMove,
  )
}
