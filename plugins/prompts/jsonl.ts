import * as z from 'zod'
import type { PromptRow, Turn } from '../api.ts'
import { parseLine } from './parse-line.ts'
import type { LeftOut } from './row-formats.ts'

const turn = z.object({ role: z.enum(['user', 'assistant']), content: z.string() })
const dialogue = z.array(turn).min(1, 'there is no turn').max(1_000)
const answer = z.union([z.string(), dialogue])

/** `{prompt}` (a text, or turns) or `{messages}`; `chosen` and `rejected` beside it, as texts or as turns; other fields are let be. */
const row = z
  .object({
    prompt: z.union([z.string(), dialogue]).optional(),
    messages: dialogue.optional(),
    chosen: answer.optional(),
    rejected: answer.optional(),
    group: z.string().min(1).max(200).optional(),
  })
  .refine((value) => (value.prompt === undefined) !== (value.messages === undefined), {
    message: 'a row has either `prompt` or `messages`',
  })

/** One row of JSON lines. @throws Error saying which field is wrong */
export function jsonlRow(line: string): PromptRow | LeftOut {
  const { prompt, messages, chosen, rejected, group } = parseLine(line, row)
  const asked = prompt ?? messages ?? ''
  const turns: readonly Turn[] = typeof asked === 'string' ? [{ role: 'user', content: asked }] : asked
  if (turns.at(-1)?.role !== 'user') return { leftOut: 'the last turn is not the user’s' }
  return {
    turns,
    ...(chosen === undefined ? {} : { chosen: lastAnswer(chosen) }),
    ...(rejected === undefined ? {} : { rejected: lastAnswer(rejected) }),
    ...(group === undefined ? {} : { group }),
  }
}

const lastAnswer = (given: string | readonly Turn[]): string => {
  if (typeof given === 'string') return given
  const last = given.at(-1)
  if (last?.role !== 'assistant') throw new Error('`chosen` and `rejected` end with the assistant’s turn')
  return last.content
}
