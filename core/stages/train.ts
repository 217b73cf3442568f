import type { Digest, EventId, Params, Parent, Question, Recorded } from '../../events/event.ts'
import { HansardError } from '../../events/errors.ts'
import { hansardBy, recipeOf } from '../../events/identity.ts'
import { numOf } from '../../events/texts.ts'
import { checkpointSaved, trainStarted, trainStepped } from '../../events/vocabulary/training.ts'
import { policyPublished } from '../../events/vocabulary/reinforcement.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import type { CheckpointReport, StepReport, Trainer } from '../../plugins/api.ts'
import type { PolicyRef } from '../policies.ts'
import type { Run } from '../run-context.ts'
import { ok, type Stage } from '../stage.ts'

/** A checkpoint by its names in the record. JSON: stages hand it on through the workflow's steps. */
export interface Checkpoint {
  readonly step: number
  /** The `train.stepped` whose weights it holds. */
  readonly stepped: EventId
  readonly event: EventId
  readonly blob: Digest
  readonly weights: Digest
}

export const policyOf = (checkpoint: Checkpoint): PolicyRef => ({
  event: checkpoint.stepped,
  blob: checkpoint.blob,
  checkpoint: checkpoint.event,
})

export const startTraining = async (
  stage: Stage,
  trainer: Trainer,
  subject: string,
  params: Params,
  parents: readonly Parent[],
  weights: Digest,
): Promise<Recorded> =>
  stage.stateOne(trainStarted, {
    by: trainer.by,
    params,
    parents,
    draw: { subject, round: 0, i: 0 },
    out: ok({ weights }),
  })

/** One step as it is asked for: after which step, on which members of which set. */
export interface StepPlace {
  readonly subject: string
  readonly step: number
  readonly start: number
  readonly count: number
  readonly after: EventId
  readonly set: EventId
}

export const stepQuestion = (trainer: Trainer, place: StepPlace): Question => ({
  type: 'train.stepped',
  by: trainer.by,
  params: { step: place.step, start: place.start, count: place.count },
  parents: [
    { role: 'after', id: place.after },
    { role: 'set', id: place.set },
  ],
  draw: { subject: place.subject, round: place.step, i: 0 },
})

export const recordStep = (
  stage: Stage,
  trainer: Trainer,
  place: StepPlace,
  report: StepReport,
): Promise<Recorded> => {
  const { type: _, ...question } = stepQuestion(trainer, place)
  const { rl } = report
  stage.run.trainedSteps++
  return stage.stateOne(trainStepped, {
    ...question,
    out: ok({
      loss_nats: numOf(report.lossNats),
      learning_rate: numOf(report.learningRate),
      gradient_norm: numOf(report.gradientNorm),
      tokens: report.tokens,
      ...(report.weights === undefined ? {} : { weights: report.weights }),
      ...(rl === undefined
        ? {}
        : {
            kl_nats: numOf(rl.klNats),
            kls_nats: rl.klsNats.map((kl) => numOf(kl)),
            advantages: rl.advantages.map((advantage) => numOf(advantage)),
          }),
    }),
  })
}

const checkpointQuestion = (subject: string, step: number, stepped: EventId): Question => ({
  type: 'checkpoint.saved',
  by: hansardBy,
  params: { kind: 'policy' },
  parents: [{ role: 'step', id: stepped }],
  draw: { subject, round: step, i: 0 },
})

/** Writes the state after a step to the blob store, and only then names it. */
export const recordCheckpoint = async (
  stage: Stage,
  subject: string,
  stepped: EventId,
  report: CheckpointReport,
): Promise<Checkpoint> => {
  const blob = await stage.run.retention.put(report.bytes)
  const { type: _, ...question } = checkpointQuestion(subject, report.step, stepped)
  const event = await stage.stateOne(checkpointSaved, {
    ...question,
    out: ok({ blob: { ...blob }, weights: report.weights }),
  })
  return { step: report.step, stepped, event: event.id, blob: blob.digest, weights: report.weights }
}

/** The step that was recorded at a place before, if it was. */
export const rememberedStep = async (
  run: Run,
  trainer: Trainer,
  place: StepPlace,
): Promise<Recorded | undefined> => {
  const [step] = await run.memo.answers([recipeOf(stepQuestion(trainer, place))])
  return step
}

/** The checkpoint that was recorded after a step before, if one was; its blob may be gone. */
export const rememberedCheckpoint = async (
  run: Run,
  subject: string,
  step: number,
  stepped: EventId,
): Promise<(Checkpoint & { readonly recorded: Recorded }) | undefined> => {
  const [recorded] = await run.memo.answers([recipeOf(checkpointQuestion(subject, step, stepped))])
  if (!recorded) return undefined
  const out = outcomeOf(checkpointSaved, recorded.event)!
  return { step, stepped, event: recorded.id, blob: out.blob.digest, weights: out.weights, recorded }
}

/** The latest checkpoint whose bytes are still there. */
export const latestKept = async (
  run: Run,
  checkpoints: readonly Checkpoint[],
): Promise<Checkpoint | undefined> => {
  for (const checkpoint of checkpoints.toReversed())
    if (await run.blobs.has(checkpoint.blob)) return checkpoint
  return undefined
}

/** Publishes a policy under a name: it is evaluated, and its checkpoint is kept. */
export const publishPolicy = (
  stage: Stage,
  name: string,
  policy: PolicyRef,
  weights: Digest | null,
): Promise<Recorded> =>
  stage.stateOne(policyPublished, {
    by: hansardBy,
    params: { name },
    parents: [
      ...(policy.checkpoint === undefined ? [] : [{ role: 'checkpoint', id: policy.checkpoint }]),
      { role: 'policy', id: policy.event },
    ],
    draw: { subject: 'policy.published', round: 0, i: 0 },
    out: ok({ weights }),
  })

/** The trainer must train on what it was sent, in the order in which it was sent. */
export const assertOrder = (
  subject: string,
  step: number,
  sent: readonly string[],
  echoed: readonly string[],
): void => {
  if (sent.length === echoed.length && sent.every((id, k) => id === echoed[k])) return
  throw new OrderChanged(subject, step, sent, echoed)
}

class OrderChanged extends HansardError {
  constructor(subject: string, step: number, sent: readonly string[], echoed: readonly string[]) {
    const list = (ids: readonly string[]) => ids.map((id) => id.slice(0, 12)).join(' ')
    super(
      'order_changed',
      `${subject}, step ${step}: the trainer trained on other items, or in another order\n  sent    ${list(sent)}\n  trained ${list(echoed)}`,
      {
        exit: 1,
        mend: 'the trainer plugin must neither shuffle nor drop items; nothing of this step was recorded',
      },
    )
  }
}
