import { canonicalDigest } from '../../../events/canonical.ts'
import type {
  CheckpointReport,
  DrawnRollout,
  PluginHost,
  RlHost,
  RlJob,
  RolloutRequest,
  SftItem,
  SftJob,
  StepReport,
  Trainer,
  Weights,
} from '../../api.ts'
import { NoReward, TextTooLong } from './errors.ts'
import { kernelDigest } from './kernel/kernel.ts'
import { POCKET_LAYOUT, POCKET_SHAPE } from './lm/pocket-shape.ts'
import { weightsDigest } from './lm/weights.ts'
import { answered } from './rendering.ts'
import { drawRollouts, type Rollout } from './rollouts.ts'
import { baseWeights, sharedWeights, Studio } from './studio.ts'
import { rlSettings, sftSettings } from './trainer-settings.ts'
import { decodeCheckpoint, encodeCheckpoint } from './training/checkpoint.ts'
import { advantagesOf, answerKl, policyItems, type Scored } from './training/policy-gradient.ts'
import { answerItem, decayedRate, supervisedStep } from './training/supervised.ts'
import { Training, type StepSettings } from './training/training.ts'
import { VOCABULARY } from './world/vocabulary.ts'

/** Raised when the same items and settings may give other weights though the kernel is the same. */
const BEHAVIOUR = 1

type Report = StepReport | CheckpointReport

/** Opens the trainer of the pocket model: supervised fine-tuning and reinforcement learning, exact to the bit. */
export function openTrainer(host: PluginHost): Trainer {
  const studio = new Studio(host.workers)
  return {
    by: {
      plugin: 'pocket',
      behaviour: canonicalDigest({
        port: 'trainer',
        behaviour: BEHAVIOUR,
        kernel: kernelDigest(),
        vocabulary: canonicalDigest(VOCABULARY),
      }),
    },
    determinism: 'exact',
    settings: (method, given) => ({ ...(method === 'sft' ? sftSettings(given) : rlSettings(given)) }),
    weightsOf: async (start) => weightsOf(start).digest,
    sft: (job, signal) => superviseFrom(studio, job, signal),
    rl: (job, rlHost, signal) => reinforceFrom(studio, job, rlHost, signal),
  }
}

const weightsOf = (start: Weights | undefined): ReturnType<typeof sharedWeights> =>
  start === undefined ? baseWeights() : sharedWeights(start.bytes)

function openTraining(
  studio: Studio,
  start: Weights | undefined,
  resume: { bytes: Uint8Array } | undefined,
): Training {
  const from = resume ? decodeCheckpoint(POCKET_LAYOUT, resume.bytes).state : weightsOf(start).values
  return new Training(studio.crew, POCKET_LAYOUT, from)
}

function checkpointReport(training: Training, step: number): CheckpointReport {
  const { state } = training
  return {
    kind: 'checkpoint',
    step,
    bytes: encodeCheckpoint(POCKET_LAYOUT, state),
    weights: weightsDigest(POCKET_LAYOUT, state.weights),
  }
}

async function* superviseFrom(
  studio: Studio,
  job: SftJob,
  signal: AbortSignal,
): AsyncGenerator<Report, void, undefined> {
  const settings = sftSettings(job.settings)
  const training = openTraining(studio, job.start, job.resume)
  const perEpoch = Math.ceil(job.count / settings.batch)
  const steps = perEpoch * settings.epochs
  for (let step = training.state.step + 1; step <= steps; step++) {
    signal.throwIfAborted()
    const start = ((step - 1) % perEpoch) * settings.batch
    const items = await job.items(start, Math.min(settings.batch, job.count - start))
    const learningRate = decayedRate(settings.learning_rate, step, steps)
    const result = await supervisedStep(
      training,
      items.map(supervisedItem),
      stepSettings(settings, learningRate),
    )
    yield {
      kind: 'step',
      step,
      items: items.map(({ id }) => id),
      lossNats: result.loss,
      learningRate,
      gradientNorm: result.gradientNorm,
      tokens: result.tokens,
      weights: weightsDigest(POCKET_LAYOUT, training.state.weights),
    }
    if (step % job.checkpointEvery === 0 || step === steps) yield checkpointReport(training, step)
  }
}

function supervisedItem(item: SftItem): ReturnType<typeof answerItem> {
  const { tokens, from } = answered(item)
  if (tokens.length > POCKET_SHAPE.context)
    throw new TextTooLong(tokens.length, POCKET_SHAPE.context, item.answer)
  return answerItem(tokens, from)
}

const stepSettings = (
  settings: { beta1: number; beta2: number; weight_decay: number; clip_norm: number },
  rate: number,
): StepSettings => ({
  rate,
  muonRate: 0,
  beta1: settings.beta1,
  beta2: settings.beta2,
  decay: settings.weight_decay,
  clipNorm: settings.clip_norm,
})

async function* reinforceFrom(
  studio: Studio,
  job: RlJob,
  host: RlHost,
  signal: AbortSignal,
): AsyncGenerator<Report, void, undefined> {
  const settings = rlSettings(job.settings)
  const training = openTraining(studio, job.start, job.resume)
  const reference = sharedWeights(job.reference.bytes)
  const trunk = sharedWeights(job.trunk.bytes)
  for (let step = training.state.step + 1; step <= job.steps; step++) {
    const requests = await host.prompts(step)
    const rollouts = await drawRollouts(
      studio,
      { policy: training.weights, reference, trunk },
      requests,
      job,
      signal,
    )
    const rewards = await host.score(step, rollouts.map(drawnOf))
    const scored = rollouts.map((rollout, i): Scored => ({
      ...rollout,
      group: (requests[i] as RolloutRequest).group,
      reward: finite(step, rollout.id, rewards[i]),
    }))
    const kls = scored.map(answerKl)
    const advantages = advantagesOf(scored, kls, settings.beta)
    const tokens = scored.reduce((sum, { logProbs }) => sum + logProbs.length, 0)
    const items = policyItems(scored, advantages)
    const { loss, gradientNorm } = await training.step(
      items,
      tokens,
      stepSettings(settings, settings.learning_rate),
    )
    yield {
      kind: 'step',
      step,
      items: requests.map(({ id }) => id),
      lossNats: loss,
      learningRate: settings.learning_rate,
      gradientNorm,
      tokens,
      weights: weightsDigest(POCKET_LAYOUT, training.state.weights),
      rl: { klNats: kls.reduce((sum, kl) => sum + kl, 0) / kls.length, klsNats: kls, advantages },
    }
    const isWanted = step % job.checkpointEvery === 0 || job.checkpointAt.includes(step) || step === job.steps
    if (isWanted) yield checkpointReport(training, step)
  }
}

const drawnOf = (rollout: Rollout): DrawnRollout => ({
  id: rollout.id,
  text: rollout.text,
  finish: rollout.finish,
  tokenIds: Uint32Array.from(rollout.tokens.subarray(rollout.from)),
  logprobs: rollout.logProbs,
  features: rollout.features,
})

function finite(step: number, item: string, reward: number | undefined): number {
  if (reward === undefined || !Number.isFinite(reward)) throw new NoReward(step, item)
  return reward
}
