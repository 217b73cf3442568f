import type { EventId, Json, Recorded } from '../../events/event.ts'
import { HansardError } from '../../events/errors.ts'
import { orderKey } from '../../events/place.ts'
import type { SftItem } from '../../plugins/api.ts'
import { ascendingBy } from '../places.ts'
import type { PolicyRef } from '../policies.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { type PromptItem, promptsOfSet, succeeded, membersOf } from '../prompt-items.ts'
import type { Settings } from '../settings.ts'
import type { Stage } from '../stage.ts'
import type { Chains } from './critique-revise.ts'
import { drawSamples } from './draw-samples.ts'
import type { Prompts } from './prompts.ts'
import type { Published } from './publish.ts'
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

export interface Supervised {
  readonly policy: PolicyRef
  readonly published: EventId
  readonly started: EventId
  readonly set: EventId
}

const subject = 'supervised'
type Mix = Exclude<Settings['supervised'], false>['mix']

/** The revisions that are trained on: of all rounds, up to a round, or the last of each chain. */
const mixed = (answers: readonly Recorded[], mix: Mix): readonly Recorded[] => {
  const revisions = answers.filter(({ event }) => event.type === 'revision.written')
  if (mix === 'all') return revisions
  if (mix !== 'final') return revisions.filter(({ event }) => event.draw.round <= mix.up_to)
  const last = new Map<EventId, Recorded>()
  for (const revision of revisions) last.set(theParent(revision, 'prompt'), revision)
  return [...last.values()]
}

/**
 * Section 3.2 of the paper, SL-CAI: the base is fine-tuned on revisions, mixed with its own answers to helpful prompts.
 * Undefined where the stage is off or nothing came out to train on.
 */
export const superviseFineTuning = async (
  stage: Stage,
  published: Published,
  prompts: Prompts,
  chains: Chains,
): Promise<Supervised | undefined> => {
  const { run } = stage
  const settings = run.settings.supervised
  const { trainer } = run.cast
  if (settings === false || !trainer || chains.answers === undefined || prompts.redTeam === undefined)
    return undefined

  const redTeam = await promptsOfSet(run, prompts.redTeam)
  const helpful =
    settings.helpful && prompts.helpful !== undefined ? await promptsOfSet(run, prompts.helpful) : []
  const revisions = mixed(await eventsOf(run, await membersOf(run, chains.answers)), settings.mix)
  const samples = (await helpfulSamples(stage, published, helpful)).filter(succeeded)
  const items = ascendingBy([...revisions, ...samples], ({ event: { draw } }) =>
    orderKey(run.seed, subject, draw.subject, draw.round, draw.i),
  )
  if (items.length === 0) return undefined
  const set = await stage.form(
    'sft',
    items.map(({ id }) => id),
  )

  const chosen = trainer.settings('sft', settings.trainer)
  const started = await startTraining(
    stage,
    trainer,
    subject,
    { method: 'sft', settings: chosen },
    [
      { role: 'policy', id: published.model },
      { role: 'set', id: set },
    ],
    await trainer.weightsOf(undefined),
  )
  const dialogues = new Map([...redTeam, ...helpful].map((prompt) => [prompt.id, prompt]))
  const last = await trainOn(stage, { started, set, items, dialogues, settings: chosen })
  const policy = policyOf(last)
  const publishedPolicy = await publishPolicy(stage, 'SL-CAI', policy, last.weights)
  return { policy, published: publishedPolicy.id, started: started.id, set }
}

const helpfulSamples = (stage: Stage, published: Published, prompts: readonly PromptItem[]) => {
  const critique = stage.run.settings.critique
  const { respond_temperature: temperature, max_tokens: maxTokens } =
    critique === false ? { respond_temperature: 1, max_tokens: 40 } : critique
  return drawSamples(
    stage,
    prompts.map((prompt) => ({
      prompt,
      policy: { event: published.model },
      i: prompt.i,
      temperature,
      maxTokens,
    })),
  )
}

interface Training {
  readonly started: Recorded
  readonly set: EventId
  readonly items: readonly Recorded[]
  readonly dialogues: ReadonlyMap<EventId, PromptItem>
  readonly settings: Readonly<Record<string, Json>>
}

/** Which members of the set each step trains on: the set's order, `batch` at a time, as many epochs as asked for. */
const stepPlaces = (training: Training): readonly Omit<StepPlace, 'after'>[] => {
  const { batch, epochs = 1 } = training.settings
  if (!isPositive(batch) || !isPositive(epochs)) throw new StepsUnknown(training.started.event.by.plugin)
  const perEpoch = Math.ceil(training.items.length / batch)
  return Array.from({ length: perEpoch * epochs }, (_, k) => {
    const start = (k % perEpoch) * batch
    return {
      subject,
      step: k + 1,
      start,
      count: Math.min(batch, training.items.length - start),
      set: training.set,
    }
  })
}

const isPositive = (value: Json | undefined): value is number => Number.isInteger(value) && Number(value) > 0

class StepsUnknown extends HansardError {
  constructor(plugin: string) {
    super('steps_unknown', `the trainer ${plugin} does not say how many items a step of fine-tuning has`, {
      exit: 2,
      mend: 'its `settings` must fill in `batch` and, where it goes through them more than once, `epochs`',
    })
  }
}

const trainOn = async (stage: Stage, training: Training): Promise<Checkpoint> => {
  const { run } = stage
  const trainer = run.cast.trainer!
  const places = stepPlaces(training)
  const { checkpoints, steps } = await remembered(stage, training, places)
  const complete = checkpoints.at(-1)
  if (
    steps.length === places.length &&
    complete?.step === places.length &&
    (await run.blobs.has(complete.blob))
  ) {
    stage.progress(places.length, places.length, 'steps', { asked: 0, remembered: places.length })
    return complete
  }

  run.rehearsal?.end(stage, places.length)
  const from = await latestKept(run, checkpoints)
  const kept = checkpoints.filter(({ step }) => step <= (from?.step ?? 0))
  let after = from?.stepped ?? training.started.id
  const settings = run.settings.supervised as Exclude<Settings['supervised'], false>
  const job = {
    start: undefined,
    settings: training.settings,
    count: training.items.length,
    items: (start: number, count: number) => sftItems(stage, training, start, count),
    checkpointEvery: settings.checkpoint_every_steps,
    ...(from ? { resume: { step: from.step, bytes: await run.blobs.get(from.blob) } } : {}),
  }
  for await (const report of trainer.sft(job, run.signal)) {
    if (report.kind === 'checkpoint') {
      kept.push(await recordCheckpoint(stage, subject, after, report))
      await run.retention.release(kept, new Set([places.length]))
      continue
    }
    const place = { ...places[report.step - 1]!, after }
    const sent = training.items.slice(place.start, place.start + place.count).map(({ id }) => id)
    assertOrder(subject, report.step, sent, report.items)
    after = (await recordStep(stage, trainer, place, report)).id
    stage.progress(report.step, places.length, 'steps', { asked: report.step - (from?.step ?? 0) })
    await run.unlessStopped()
  }
  await run.unlessStopped()
  return kept.at(-1)!
}

/** The steps and checkpoints that the record already has, from the first step on. */
const remembered = async (stage: Stage, training: Training, places: readonly Omit<StepPlace, 'after'>[]) => {
  const { run } = stage
  const trainer = run.cast.trainer!
  const steps: Recorded[] = []
  const checkpoints: Checkpoint[] = []
  let after = training.started.id
  for (const place of places) {
    const step = await rememberedStep(run, trainer, { ...place, after })
    if (!step) break
    steps.push(stage.use(step))
    after = step.id
    const checkpoint = await rememberedCheckpoint(run, subject, place.step, step.id)
    if (checkpoint) {
      stage.use(checkpoint.recorded)
      checkpoints.push(checkpoint)
    }
  }
  return { steps, checkpoints }
}

const sftItems = async (
  stage: Stage,
  training: Training,
  start: number,
  count: number,
): Promise<readonly SftItem[]> => {
  const events = training.items.slice(start, start + count)
  const texts = await stage.run.texts.of(events)
  return events.map((event, k) => ({
    id: event.id,
    dialogue: training.dialogues.get(theParent(event, 'prompt'))!.dialogue,
    answer: texts[k]!,
  }))
}
