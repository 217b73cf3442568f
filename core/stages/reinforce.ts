import type { EventId, Json, Recorded } from '../../events/event.ts'
import { recipeOf } from '../../events/identity.ts'
import { formSet } from '../../events/sets.ts'
import { decodeHead, type Head } from '../../lineage/attribution/head.ts'
import type { CheckpointReport, DrawnRollout, RlHost, StepReport } from '../../plugins/api.ts'
import { promptsOfSet, succeeded } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import type { RlSettings } from '../settings.ts'
import type { Stage } from '../stage.ts'
import { classifyAnswers } from './measure.ts'
import type { Preference } from './preference.ts'
import type { Prompts } from './prompts.ts'
import {
  type PromptPools,
  recordRewards,
  recordRollouts,
  rewardQuestion,
  type RolloutPlace,
  rolloutPlaces,
  rolloutQuestions,
  rolloutRequests,
} from './rollouts.ts'
import type { Supervised } from './supervised.ts'
import {
  assertOrder,
  type Checkpoint,
  latestKept,
  policyOf,
  publishPolicy,
  recordCheckpoint,
  recordStep,
  rememberedCheckpoint,
  rememberedStep,
  startTraining,
  type StepPlace,
} from './train.ts'

/** Steps from one checkpoint to the next: what one durable step of the workflow drives. */
export interface Segment {
  readonly training: string
  readonly started: EventId
  /** The checkpoint at its end. */
  readonly end: Checkpoint
  /** The `policy.published` of its end, where that is a snapshot. */
  readonly published?: EventId
}

/** Ends of the segments of a training: every checkpoint interval, every snapshot, and the last step. */
export const segmentEnds = ({
  steps,
  snapshots,
  checkpoint_every_steps: every,
}: RlSettings): readonly number[] => {
  const ends = new Set([...snapshots.filter((step) => step <= steps), steps])
  for (let step = every; step < steps; step += every) ends.add(step)
  return [...ends].toSorted((a, b) => a - b)
}

export interface Reinforcing {
  readonly training: RlSettings
  readonly prompts: Prompts
  readonly supervised: Supervised
  readonly preference: Preference
  /** Segments that came before, in order. */
  readonly before: readonly Segment[]
  readonly end: number
}

/**
 * Section 4.1 of the paper, RL-CAI: the supervised policy is trained by reinforcement learning against the preference
 * model. One segment; the trainer stays alive between segments, and is opened from a checkpoint after a crash only.
 */
export const reinforce = async (stage: Stage, job: Reinforcing): Promise<Segment> => {
  const session = await sessionOf(stage, job)
  session.stage = stage
  const remembered = await session.remember(job.end)
  const end = remembered ?? (await session.train(job.end))
  const { training } = job
  const isSnapshot = training.snapshots.includes(job.end) || job.end === training.steps
  const published = isSnapshot
    ? await publishPolicy(stage, `${training.name} ${job.end}`, policyOf(end), end.weights)
    : undefined
  return {
    training: training.name,
    started: session.started.id,
    end,
    ...(published ? { published: published.id } : {}),
  }
}

const sessions = new WeakMap<Run, Map<string, Session>>()

const sessionOf = async (stage: Stage, job: Reinforcing): Promise<Session> => {
  const { run } = stage
  const known = sessions.get(run) ?? new Map<string, Session>()
  sessions.set(run, known)
  const session = known.get(job.training.name)
  if (session) {
    stage.use(session.started)
    return session
  }
  const opened = await openSession(stage, job)
  known.set(job.training.name, opened)
  return opened
}

const subjectOf = (training: RlSettings): string => `reinforcement/${training.name}`

const openSession = async (stage: Stage, job: Reinforcing): Promise<Session> => {
  const { run } = stage
  const trainer = run.cast.trainer!
  const { training, supervised, preference, prompts } = job
  const { steps, prompts_per_step, group, red_team_share, temperature, max_tokens } = training
  const settings = trainer.settings('rl', training.trainer)
  const weights = { bytes: await run.blobs.get(supervised.policy.blob!) }
  const started = await startTraining(
    stage,
    trainer,
    subjectOf(training),
    {
      method: 'rl',
      settings: { ...settings, steps, prompts_per_step, group, red_team_share, temperature, max_tokens },
    },
    [
      { role: 'policy', id: supervised.policy.event },
      { role: 'preference_model', id: preference.model },
    ],
    await trainer.weightsOf(weights),
  )
  const pools: PromptPools = {
    redTeam: prompts.redTeam === undefined ? [] : await promptsOfSet(run, prompts.redTeam),
    helpful: prompts.helpful === undefined ? [] : await promptsOfSet(run, prompts.helpful),
  }
  const head = decodeHead(await run.blobs.get(preference.blob))
  const checkpoints = job.before.map(({ end }) => end)
  return new Session(stage, { training, settings, started, pools, head, preference, weights, checkpoints })
}

interface SessionParts {
  readonly training: RlSettings
  readonly settings: Readonly<Record<string, Json>>
  readonly started: Recorded
  readonly pools: PromptPools
  readonly head: Head
  readonly preference: Preference
  /** The supervised policy: where training starts, the reference of the KL term and the trunk of the features. */
  readonly weights: { readonly bytes: Uint8Array }
  readonly checkpoints: readonly Checkpoint[]
}

/** One RL training at work, over all its segments. */
class Session implements RlHost {
  stage: Stage
  readonly started: Recorded
  readonly #parts: SessionParts
  readonly #checkpoints: Checkpoint[]
  /** The last step that is on record, and its number. */
  #after: EventId
  #at: number
  #reports: AsyncIterator<StepReport | CheckpointReport> | undefined
  /** The set of rewards of the step at work. */
  #set: EventId | undefined
  #places: readonly RolloutPlace[] = []

  constructor(stage: Stage, parts: SessionParts) {
    this.stage = stage
    this.#parts = parts
    this.started = parts.started
    this.#checkpoints = [...parts.checkpoints]
    this.#after = parts.checkpoints.at(-1)?.stepped ?? parts.started.id
    this.#at = parts.checkpoints.at(-1)?.step ?? 0
  }

  get #run(): Run {
    return this.stage.run
  }

  get #trainer() {
    return this.#run.cast.trainer!
  }

  #place(step: number, after: EventId, set: EventId): StepPlace {
    const { training } = this.#parts
    const count = training.prompts_per_step * training.group
    return { subject: subjectOf(training), step, start: 0, count, after, set }
  }

  /**
   * Follows the record up to the segment's end, asking nobody. Undefined where it ends earlier; steps that are on
   * record are then trained again from the last checkpoint, on their recorded rollouts, and must come out equal.
   */
  async remember(end: number): Promise<Checkpoint | undefined> {
    if (this.#reports) return undefined
    const used: Recorded[] = []
    let after = this.#after
    for (let step = this.#at + 1; step <= end; step++) {
      const known = await this.#rememberStep(step, after)
      if (!known) return undefined
      used.push(...known)
      after = known.at(-1)!.id
    }
    const checkpoint = await rememberedCheckpoint(this.#run, subjectOf(this.#parts.training), end, after)
    if (!checkpoint) return undefined
    const isLast = end === this.#parts.training.steps
    if (
      (isLast || this.#parts.training.snapshots.includes(end)) &&
      !(await this.#run.blobs.has(checkpoint.blob))
    )
      return undefined
    for (const event of [...used, checkpoint.recorded]) this.stage.use(event)
    const { recorded: _, ...found } = checkpoint
    this.#checkpoints.push(found)
    this.#after = after
    this.#at = end
    this.#progress(end)
    return found
  }

  /** Everything that was recorded of a step, the step itself last; undefined where anything is missing. */
  async #rememberStep(step: number, after: EventId): Promise<readonly Recorded[] | undefined> {
    const { training, preference, pools } = this.#parts
    const run = this.#run
    const places = rolloutPlaces(run.seed, pools, training, step)
    const rollouts = await run.memo.answers(
      rolloutQuestions(run, training, after, step, places).map((question) => recipeOf(question)),
    )
    if (!rollouts.every((one) => one !== undefined)) return undefined
    const rewards = await run.memo.answers(
      rollouts.map((one) => recipeOf(rewardQuestion(preference.model, one))),
    )
    if (!rewards.every((one) => one !== undefined)) return undefined
    const { root, nodes } = formSet(
      'rewards',
      rewards.map(({ id }) => id),
    )
    const stepped = await rememberedStep(run, this.#trainer, this.#place(step, after, root.id))
    if (!stepped) return undefined
    const classified = await this.#classify(rollouts, places)
    return [...rollouts, ...rewards, ...classified, ...nodes, root, stepped]
  }

  /** Trains up to the segment's end. */
  async train(end: number): Promise<Checkpoint> {
    const { training } = this.#parts
    this.#run.rehearsal?.end(this.stage, training.steps * training.prompts_per_step * training.group)
    this.#reports ??= await this.#open()
    for (;;) {
      const { value: report, done } = await this.#reports.next()
      await this.#run.unlessStopped()
      if (done) throw new Error(`${training.name}: the trainer ended before step ${end}`)
      if (report.kind === 'step') await this.#recordStep(report)
      else {
        const checkpoint = await recordCheckpoint(this.stage, subjectOf(training), this.#after, report)
        if (!this.#checkpoints.some(({ step }) => step === checkpoint.step))
          this.#checkpoints.push(checkpoint)
        await this.#run.retention.release(this.#checkpoints, new Set([...training.snapshots, training.steps]))
        if (report.step === end) return checkpoint
      }
    }
  }

  /** Opens the trainer at the last checkpoint whose bytes are kept, or at the start. */
  async #open(): Promise<AsyncIterator<StepReport | CheckpointReport>> {
    const { training, settings, weights, started } = this.#parts
    const from = await latestKept(this.#run, this.#checkpoints)
    this.#after = from?.stepped ?? started.id
    this.#at = from?.step ?? 0
    const job = {
      start: weights,
      reference: weights,
      trunk: weights,
      settings,
      steps: training.steps,
      temperature: training.temperature,
      maxTokens: training.max_tokens,
      checkpointEvery: training.checkpoint_every_steps,
      checkpointAt: training.snapshots,
      ...(from ? { resume: { step: from.step, bytes: await this.#run.blobs.get(from.blob) } } : {}),
    }
    return this.#trainer.rl(job, this, this.#run.signal)[Symbol.asyncIterator]()
  }

  async #recordStep(report: StepReport): Promise<void> {
    const { training } = this.#parts
    assertOrder(
      subjectOf(training),
      report.step,
      this.#places.map((_, k) => String(k)),
      report.items,
    )
    const place = this.#place(report.step, this.#after, this.#set!)
    this.#after = (await recordStep(this.stage, this.#trainer, place, report)).id
    this.#at = report.step
    this.#progress(report.step)
  }

  async prompts(step: number) {
    const { training, pools } = this.#parts
    this.#places = rolloutPlaces(this.#run.seed, pools, training, step)
    const questions = rolloutQuestions(this.#run, training, this.#after, step, this.#places)
    const requests = await rolloutRequests(this.#run, questions, this.#places)
    this.#run.modelCalls += requests.filter(({ recorded }) => recorded === undefined).length
    return requests
  }

  async score(step: number, rollouts: readonly DrawnRollout[]): Promise<readonly number[]> {
    const { training, preference, head } = this.#parts
    const places = this.#places
    const questions = rolloutQuestions(this.#run, training, this.#after, step, places)
    const recorded = await recordRollouts(this.stage, questions, rollouts)
    const features = rollouts.map((one) => one.features)
    const { events, values } = await recordRewards(this.stage, preference.model, head, recorded, features)
    await this.#classify(recorded, places)
    this.#set = await this.stage.form(
      'rewards',
      events.map(({ id }) => id),
    )
    return values
  }

  async #classify(
    rollouts: readonly Recorded[],
    places: readonly RolloutPlace[],
  ): Promise<readonly Recorded[]> {
    const { evaluation } = this.#run.settings
    if (evaluation === false || !evaluation.classify_rollouts || !this.#run.cast.scorer) return []
    const good = rollouts.flatMap((answer, k) =>
      succeeded(answer) ? [{ answer, prompt: places[k]!.prompt }] : [],
    )
    const texts = await this.#run.texts.of(good.map(({ answer }) => answer))
    return this.stage.quietly(() =>
      classifyAnswers(
        this.stage,
        good.map((one, k) => ({ ...one, text: texts[k]! })),
      ),
    )
  }

  #progress(step: number): void {
    this.stage.progress(step, this.#parts.training.steps, 'steps')
  }
}
