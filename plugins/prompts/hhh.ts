import * as z from 'zod'
import type { PromptRow } from '../api.ts'
import { comparison, turnsOf } from './hh-rlhf.ts'
import { parseLine } from './parse-line.ts'
import type { LeftOut } from './row-formats.ts'

const row = z.object({
  text_correct: z.string(),
  text_incorrect: z.string(),
  group: z.string().min(1).max(200).optional(),
})

/** An item of the HHH comparisons: a dialogue with the right and the wrong last answer. @throws Error */
export function hhhRow(line: string): PromptRow | LeftOut {
  const { text_correct, text_incorrect, group } = parseLine(line, row)
  const item = comparison(turnsOf(text_correct), turnsOf(text_incorrect))
  return group === undefined || 'leftOut' in item ? item : { ...item, group }
}
