import * as z from 'zod'
import type { PromptRow, Turn } from '../api.ts'
import { parseLine } from './parse-line.ts'
import type { LeftOut } from './row-formats.ts'

const row = z.object({ chosen: z.string(), rejected: z.string() })
const mark = /\n\n(Human|Assistant):/

/**
 * Splits a dialogue as hh-rlhf writes it, `\n\nHuman: …\n\nAssistant: …`, into turns. The space after a colon belongs
 * to the form; all other characters are kept.
 *
 * @throws Error where the text does not begin with a mark
 */
export function turnsOf(text: string): readonly Turn[] {
  const [before, ...parts] = text.split(mark)
  if (before !== '' || parts.length === 0) throw new Error('the dialogue does not begin with “Human:”')
  const turns: Turn[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const content = parts[i + 1] ?? ''
    turns.push({
      role: parts[i] === 'Human' ? 'user' : 'assistant',
      content: content.startsWith(' ') ? content.slice(1) : content,
    })
  }
  return turns
}

/** Both dialogues of a human comparison: the same prompt, two last answers. @throws Error */
export function hhRlhfRow(line: string): PromptRow | LeftOut {
  const { chosen, rejected } = parseLine(line, row)
  return comparison(turnsOf(chosen), turnsOf(rejected))
}

/** Two dialogues that differ in their last answer only, as a prompt and two answers; else why they are left out. */
export function comparison(chosen: readonly Turn[], rejected: readonly Turn[]): PromptRow | LeftOut {
  const turns = chosen.slice(0, -1)
  const better = chosen.at(-1)
  const worse = rejected.at(-1)
  if (better?.role !== 'assistant' || worse?.role !== 'assistant') {
    return { leftOut: 'the last turn is not an answer' }
  }
  if (turns.length !== rejected.length - 1 || turns.some((turn, i) => !sameTurn(turn, rejected[i]))) {
    return { leftOut: 'the two dialogues differ before the last turn' }
  }
  if (turns.at(-1)?.role !== 'user') return { leftOut: 'the turn before the answer is not the user’s' }
  if (better.content.trim() === '' || worse.content.trim() === '')
    return { leftOut: 'a last answer is empty' }
  return { turns, chosen: better.content, rejected: worse.content }
}

const sameTurn = (a: Turn, b: Turn | undefined): boolean => a.role === b?.role && a.content === b.content
