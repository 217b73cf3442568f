import { sha256Hex } from '../../events/canonical.ts'
import type { EventId, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import { orderKey, seedOf } from '../../events/place.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'
import { datasetImported } from '../../events/vocabulary/governance.ts'
import { promptImported, promptScreened } from '../../events/vocabulary/prompts.ts'
import { policyPublished } from '../../events/vocabulary/reinforcement.ts'
import { critiqueWritten, revisionWritten, sampleDrawn } from '../../events/vocabulary/supervised.ts'
import { checkpointSaved, trainStarted, trainStepped } from '../../events/vocabulary/training.ts'
import { nowhere, ok } from './fixture-recorder.ts'
import type { FixtureContext } from './fixture-run.ts'
import { answerOf, benign, chance, mischief, share } from './fixture-words.ts'

export const behaviour = sha256Hex('fixture behaviour 1')
export const by = { plugin: 'fixture', behaviour }

export interface Prompt {
  readonly event: Recorded
  readonly subject: string
  readonly text: string
  /** Which of the prompts with this text it is. */
  readonly i: number
}

export interface Prompts {
  readonly redTeam: readonly Prompt[]
  readonly helpful: readonly Prompt[]
}

/** An answer with its text at hand. */
export interface Answer {
  readonly prompt: Prompt
  readonly event: Recorded
  readonly text: string
}

/** Weights by the event that has them, and how kind they speak. */
export interface Policy {
  readonly event: EventId
  readonly kindness: number
}

export const importPrompts = (context: FixtureContext): Prompts => {
  const read = (use: 'red_team' | 'helpful', texts: readonly string[], rows: number): readonly Prompt[] => {
    const { recorder } = context
    const dataset = recorder.record(datasetImported, {
      by,
      params: { name: use, use, format: 'fixture', digest: sha256Hex(`${use} ${rows}`), personal: false },
      parents: [],
      draw: nowhere('dataset.imported'),
      out: ok({ rows }),
    })
    return Array.from({ length: rows }, (_, row) => {
      const text = texts[row % texts.length]!
      const ref = recorder.text(text)
      const i = Math.floor(row / texts.length)
      const event = recorder.record(promptImported, {
        by,
        params: { row },
        parents: [{ role: 'dataset', id: dataset.id }],
        draw: { subject: ref.digest, round: 0, i },
        out: ok({ text: ref, form: 'plain' }),
      })
      recorder.record(promptScreened, {
        by: hansardBy,
        params: { rule: 'readable' },
        parents: [{ role: 'prompt', id: event.id }],
        draw: { subject: ref.digest, round: 0, i },
        out: ok({ kept: true, reason: 'kept' }),
      })
      return { event, subject: ref.digest, text, i }
    })
  }
  const redTeam = read('red_team', mischief, context.settings.redTeam)
  const helpful = read('helpful', benign, context.settings.helpful)
  for (const prompts of [redTeam, helpful])
    context.recorder.set(
      'prompts',
      prompts.map(({ event }) => event),
    )
  return { redTeam, helpful }
}

export const draw = (context: FixtureContext, prompt: Prompt, policy: Policy, i: number): Answer => {
  const { recorder, settings } = context
  const { subject } = prompt
  const seed = seedOf(settings.seed, 'sample.drawn', subject, 0, i)
  const text = answerOf(policy.kindness, 'sample', subject, seed)
  const event = recorder.record(sampleDrawn, {
    by,
    params: { temperature: 1, max_tokens: 40 },
    parents: [
      { role: 'policy', id: policy.event },
      { role: 'prompt', id: prompt.event.id },
    ],
    draw: { subject, round: 0, i, seed },
    out: ok({ text: recorder.text(text), tokens: text.split(' ').length + 1, finish: 'stop' }),
  })
  return { prompt, event, text }
}

export const base = (context: FixtureContext): Policy => ({ event: context.model.id, kindness: 0.2 })

/** First answers and revisions, by chain. One critique in eight fails: the answer then stands as it was. */
export const chains = (context: FixtureContext, prompts: Prompts): readonly Answer[] =>
  prompts.redTeam.flatMap((prompt) => {
    const answers = [draw(context, prompt, base(context), prompt.i)]
    for (let round = 1; round <= context.settings.rounds; round++) {
      const revision = revise(context, answers.at(-1)!, round)
      if (revision !== undefined) answers.push(revision)
    }
    return answers
  })

const revise = (context: FixtureContext, answer: Answer, round: number): Answer | undefined => {
  const { recorder, settings, ruling, model } = context
  const { prompt } = answer
  const { subject, i } = prompt
  const keys = ruling.map(({ key }) => key)
  const key = drawPrinciple(settings.seed, 'critique', subject, round, i, keys)
  const { event: principle, wording } = ruling.find((one) => one.key === key)!
  const parents = [
    { role: 'answer', id: answer.event.id },
    { role: 'policy', id: model.id },
    { role: 'principle', id: principle.id },
    { role: 'prompt', id: prompt.event.id },
  ]
  const place = (type: string) => ({
    subject,
    round,
    i,
    seed: seedOf(settings.seed, type, subject, round, i),
  })
  const said = { tokens: 9, finish: 'stop' as const }
  const fails = chance('fails', subject, round, i, wording) % 8 === 0
  const critique = recorder.record(critiqueWritten, {
    by,
    params: { temperature: 0.7, max_tokens: 40 },
    parents,
    draw: place('critique.written'),
    out: fails
      ? { status: 'failed', reason: 'looping', text: recorder.text('no no no no') }
      : ok({ text: recorder.text(`${wording} : ${answer.text}`), ...said }),
  })
  if (fails) return undefined
  const text = answerOf(0.3 + 0.2 * round, 'revision', wording, answer.text, subject, round, i)
  const event = recorder.record(revisionWritten, {
    by,
    params: { temperature: 0.7, max_tokens: 40, mode: 'critiqued' },
    parents: [...parents, { role: 'critique', id: critique.id }],
    draw: place('revision.written'),
    out: ok({ text: recorder.text(text), ...said }),
  })
  return { prompt, event, text }
}

/** SL-CAI: trained on the revisions and on answers to helpful prompts, four to a step. */
export const fineTune = (context: FixtureContext, prompts: Prompts, revised: readonly Answer[]): Policy => {
  const { recorder, settings, model } = context
  const helpful = prompts.helpful.map((prompt) => draw(context, prompt, base(context), prompt.i))
  const mix = [...revised.filter(({ event }) => event.event.type === 'revision.written'), ...helpful]
  const key = ({ event }: Answer) =>
    orderKey(
      settings.seed,
      'supervised',
      event.event.draw.subject,
      event.event.draw.round,
      event.event.draw.i,
    )
  const items = mix.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ event }) => event)
  const set = recorder.set('sft', items)
  const started = recorder.record(trainStarted, {
    by,
    params: { method: 'sft', settings: { batch: 4, learning_rate: 0.0005 } },
    parents: [
      { role: 'policy', id: model.id },
      { role: 'set', id: set },
    ],
    draw: { subject: 'supervised', round: 0, i: 0 },
    out: ok({ weights: sha256Hex('weights 0') }),
  })
  const last = train(context, 'supervised', started.id, Math.ceil(items.length / 4), (step) => ({
    set,
    start: 4 * (step - 1),
    count: Math.min(4, items.length - 4 * (step - 1)),
  }))
  publishPolicy(context, 'SL-CAI', last)
  return { event: last.step, kindness: 0.5 }
}

export interface Trained {
  readonly step: EventId
  readonly checkpoint: EventId
  readonly weights: string
}

interface StepItems {
  readonly set: EventId
  readonly start: number
  readonly count: number
  readonly out?: Parameters<typeof ok>[0]
}

/** Steps one after the other, each with a checkpoint. @param items what step 1 … `steps` trains on, after the step before it */
export const train = (
  context: FixtureContext,
  subject: string,
  started: EventId,
  steps: number,
  items: (step: number, after: EventId) => StepItems,
  each: (step: number, trained: Trained) => void = () => undefined,
): Trained => {
  const { recorder } = context
  let last: Trained | undefined
  for (let step = 1; step <= steps; step++) {
    const after = last?.step ?? started
    const { set, start, count, out } = items(step, after)
    const weights = sha256Hex(`weights ${after} ${set} ${start}`)
    const stepped = recorder.record(trainStepped, {
      by,
      params: { step, start, count },
      parents: [
        { role: 'after', id: after },
        { role: 'set', id: set },
      ],
      draw: { subject, round: step, i: 0 },
      out: ok({
        loss_nats: 1 + share('loss', subject, step),
        learning_rate: 0.0005,
        gradient_norm: 1,
        tokens: count * 10,
        weights,
        ...out,
      }),
    })
    const saved = recorder.record(checkpointSaved, {
      by: hansardBy,
      params: { kind: 'policy' },
      parents: [{ role: 'step', id: stepped.id }],
      draw: { subject, round: step, i: 0 },
      out: ok({ blob: recorder.blob(Buffer.from(`checkpoint ${weights}`)), weights }),
    })
    last = { step: stepped.id, checkpoint: saved.id, weights }
    each(step, last)
  }
  return last!
}

export const publishPolicy = (context: FixtureContext, name: string, trained: Trained): Recorded =>
  context.recorder.record(policyPublished, {
    by: hansardBy,
    params: { name },
    parents: [
      { role: 'checkpoint', id: trained.checkpoint },
      { role: 'policy', id: trained.step },
    ],
    draw: nowhere('policy.published'),
    out: ok({ weights: trained.weights }),
  })
