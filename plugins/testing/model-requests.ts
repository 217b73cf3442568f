import type { Act, Choice, EmbedRequest, GenerateRequest, Principle, Turn } from '../api.ts'

interface Readable {
  readonly dialogues: readonly (readonly Turn[])[]
  readonly answers: readonly string[]
}

interface Judged extends Readable {
  readonly principles: readonly Principle[]
}

/** One request of every act, on each dialogue. */
export function generationsOf({
  dialogues,
  answers,
  principles,
  maxTokens,
  reasons,
}: Judged & { readonly maxTokens: number; readonly reasons: boolean }): readonly GenerateRequest[] {
  const [first = '', second = ''] = answers
  const acts = dialogues.flatMap((dialogue, i): Act[] => {
    const principle = principles[i % principles.length] ?? { key: 'none' }
    const answer = answers[i % answers.length] ?? first
    return [
      { act: 'respond', dialogue },
      { act: 'critique', dialogue, answer, principle },
      { act: 'revise', dialogue, answer, principle, critique: second },
      { act: 'revise', dialogue, answer, principle },
      { act: 'prompt', examples: dialogues.map((turns) => turns.at(-1)?.content ?? '') },
      ...(reasons
        ? [{ act: 'reason' as const, dialogue, answers: [first, second] as const, principle }]
        : []),
    ]
  })
  return acts.map((act, i) => ({ act, seed: 1_000 + i, temperature: i % 3 === 0 ? 0.7 : 1, maxTokens }))
}

/** Both orders of two answers, by every principle and by none. */
export function choicesOf({ dialogues, answers, principles }: Judged): readonly Choice[] {
  const [first = '', second = ''] = answers
  return dialogues.flatMap((dialogue) =>
    [...principles, undefined].flatMap((principle): Choice[] => [
      { dialogue, answers: [first, second], principle },
      { dialogue, answers: [second, first], principle },
    ]),
  )
}

/** Every answer after every dialogue. */
export const embedsOf = ({ dialogues, answers }: Readable): readonly EmbedRequest[] =>
  dialogues.flatMap((dialogue) => answers.map((answer) => ({ dialogue, answer })))
