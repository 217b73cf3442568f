import type { EventId, Question } from '../../events/event.ts'
import { seedOf } from '../../events/place.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'
import { critiqueWritten, revisionWritten, sampleDrawn } from '../../events/vocabulary/supervised.ts'
import type { Constitution, Principle } from '../../plugins/api.ts'
import type { PromptItem } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import type { Settings } from '../settings.ts'
import type { PublishedConstitution } from './publish.ts'

export type CritiqueSettings = Exclude<Settings['critique'], false>

/** A constitution with the ids under which its principles stand in the record. */
export interface Ruling {
  readonly constitution: Constitution
  readonly published: PublishedConstitution
}

/** A question whose place has a seed. */
export type Seeded = Question & { readonly draw: { readonly seed: number } }

export const sampleQuestion = (
  run: Run,
  prompt: PromptItem,
  policy: EventId,
  place: { readonly i: number; readonly temperature: number; readonly maxTokens: number },
): Seeded => ({
  type: sampleDrawn.type,
  by: run.cast.model.by,
  params: { temperature: place.temperature, max_tokens: place.maxTokens },
  parents: [
    { role: 'policy', id: policy },
    { role: 'prompt', id: prompt.id },
  ],
  draw: {
    subject: prompt.subject,
    round: 0,
    i: place.i,
    seed: seedOf(run.seed, sampleDrawn.type, prompt.subject, 0, place.i),
  },
})

/** The principle of one round of one chain: critique and revision share it. */
export const principleOfRound = (
  run: Run,
  { constitution, published }: Ruling,
  prompt: PromptItem,
  round: number,
) => {
  const keys = published.principles.map(({ key }) => key)
  const key = drawPrinciple(run.seed, 'critique', prompt.subject, round, prompt.i, keys)
  const id = published.principles.find((one) => one.key === key)!.id
  const principle: Principle = constitution.principles.find((one) => one.key === key)!
  return { id, principle }
}

interface Asked {
  readonly model: EventId
  readonly prompt: PromptItem
  readonly answer: EventId
  readonly principle: EventId
  readonly round: number
}

export const critiqueQuestion = (run: Run, settings: CritiqueSettings, asked: Asked): Seeded => ({
  type: critiqueWritten.type,
  params: { temperature: settings.temperature, max_tokens: settings.max_tokens },
  ...placed(run, critiqueWritten.type, asked, []),
})

export const revisionQuestion = (
  run: Run,
  settings: CritiqueSettings,
  asked: Asked & { readonly critique: EventId | undefined },
): Seeded => ({
  type: revisionWritten.type,
  params: { temperature: settings.temperature, max_tokens: settings.max_tokens, mode: settings.mode },
  ...placed(
    run,
    revisionWritten.type,
    asked,
    asked.critique === undefined ? [] : [{ role: 'critique', id: asked.critique }],
  ),
})

const placed = (run: Run, type: string, asked: Asked, more: readonly { role: string; id: EventId }[]) => {
  const { model, prompt, answer, principle, round } = asked
  return {
    by: run.cast.model.by,
    parents: [
      { role: 'answer', id: answer },
      ...more,
      { role: 'policy', id: model },
      { role: 'principle', id: principle },
      { role: 'prompt', id: prompt.id },
    ],
    draw: {
      subject: prompt.subject,
      round,
      i: prompt.i,
      seed: seedOf(run.seed, type, prompt.subject, round, prompt.i),
    },
  }
}
