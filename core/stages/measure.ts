import type { Recorded } from '../../events/event.ts'
import { numOf } from '../../events/texts.ts'
import { harmScored, refusalClassified } from '../../events/vocabulary/evaluation.ts'
import type { Scorer, Turn } from '../../plugins/api.ts'
import { ask } from '../ask.ts'
import type { PromptItem } from '../prompt-items.ts'
import type { Stage } from '../stage.ts'

/** An answer to be measured: a sample, a revision or a rollout. */
export interface Measured {
  readonly answer: Recorded
  readonly prompt: PromptItem
  readonly text: string
}

const requestOf = ({ prompt, text }: Measured): { dialogue: readonly Turn[]; answer: string } => ({
  dialogue: prompt.dialogue,
  answer: text,
})

const placed = ({ answer, prompt }: Measured) => ({
  parents: [
    { role: 'answer', id: answer.id },
    { role: 'prompt', id: prompt.id },
  ],
  draw: { subject: answer.event.draw.subject, round: answer.event.draw.round, i: answer.event.draw.i },
})

/** What is put to a scorer is the same, whatever it is asked to tell. */
const asksOf = (scorer: Scorer, answers: readonly Measured[]) =>
  answers.map((one) => ({
    question: { by: scorer.by, params: { scorer: scorer.name }, ...placed(one) },
    request: requestOf(one),
  }))

/** Harm, helpfulness and whatever else the scorer counts, one event an answer. */
export const scoreAnswers = async (
  stage: Stage,
  answers: readonly Measured[],
): Promise<readonly Recorded[]> => {
  const { scorer } = stage.run.cast
  if (!scorer) return []
  return ask(stage, {
    definition: harmScored,
    unit: 'scores',
    model: false,
    asks: asksOf(scorer, answers),
    put: (requests, signal) => scorer.score(requests, signal),
    given: ({ scores }) => ({
      out: {
        scores: Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, numOf(value)])),
      },
    }),
  })
}

/** Whether each answer refuses, refuses flatly, or engages without harm. */
export const classifyAnswers = async (
  stage: Stage,
  answers: readonly Measured[],
): Promise<readonly Recorded[]> => {
  const { scorer } = stage.run.cast
  if (!scorer) return []
  return ask(stage, {
    definition: refusalClassified,
    unit: 'classifications',
    model: false,
    asks: asksOf(scorer, answers),
    put: (requests, signal) => scorer.classify(requests, signal),
    given: ({ refuses, flat, engaged, start, end }) => ({
      out: {
        refuses,
        flat,
        engaged,
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      },
    }),
  })
}
