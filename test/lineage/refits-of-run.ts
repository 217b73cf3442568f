import { dot } from '../../lineage/attribution/bradley-terry.ts'
import { explain, explainedModel, scaledDifference } from '../../lineage/attribution/explained-model.ts'
import { refitWithout } from '../../lineage/attribution/refit.ts'
import { groupsOfStep, rlTrainings } from '../../lineage/evaluation/run-trainings.ts'
import type { RecordAccess } from '../../lineage/record.ts'
import type { RunMembers } from '../../lineage/run-members.ts'
import { meanOf } from '../../lineage/scored-answers.ts'
import { correlation } from './attribution/synthetic.ts'

/** How well what explanations say agrees with fitting the head again, over contributors and rewards. */
export interface RefitAgreement {
  readonly rewards: number
  /** Correlation of *without its labels* with refitting, over the principles. */
  readonly newton: number
  /** The same with the human labels as one more contributor. */
  readonly newtonWithHuman: number
  /** Correlation of the share that adds up with refitting, over the principles: lower, since it is no cause. */
  readonly share: number
  /** Largest residual of the shares. */
  readonly residual: number
}

/** Compares explanations of the rewards of a run's last RL steps with really fitting without each contributor. */
export const refitsOfRun = async (
  access: RecordAccess,
  run: RunMembers,
  lastSteps = 5,
): Promise<RefitAgreement> => {
  const [training] = await rlTrainings(access, run)
  const explainable = await explainedModel(access, training!.preferenceModel)
  const { theta } = explainable.model.head
  const steps = training!.steps.slice(-lastSteps)
  const groups = (await Promise.all(steps.map((step) => groupsOfStep(access, training!, step)))).flat()
  const us = groups.flatMap((group) => {
    const mean = meanOf(group.map(({ features }) => features!))
    return group.map(({ features }) => scaledDifference(explainable, features!, mean))
  })
  const explained = us.map((u) => explain(explainable, dot(u, 0, theta), u))
  const rows = explainable.model.contributors.flatMap(({ id }, contributor) => {
    const { comparisons, head } = explainable.model
    const refit = refitWithout(comparisons, contributor, head.theta, head.lambda).theta
    return explained.map((one, at) => ({
      principle: id !== undefined,
      newton: one.without[contributor]! - one.difference,
      share: -one.addsUp[contributor]!,
      refit: dot(us[at]!, 0, refit) - one.difference,
    }))
  })
  const principles = rows.filter(({ principle }) => principle)
  const agreement = (of: typeof rows, what: 'newton' | 'share') =>
    correlation(
      of.map((row) => row[what]),
      of.map(({ refit }) => refit),
    )
  return {
    rewards: us.length,
    newton: agreement(principles, 'newton'),
    newtonWithHuman: agreement(rows, 'newton'),
    share: agreement(principles, 'share'),
    residual: Math.max(...explained.map(({ residual }) => residual)),
  }
}
