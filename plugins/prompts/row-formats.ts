import type { PromptRow } from '../api.ts'
import { hhRlhfRow } from './hh-rlhf.ts'
import { hhhRow } from './hhh.ts'
import { jsonlRow } from './jsonl.ts'

/** A row that is left out, and why: counted, never an error. */
export interface LeftOut {
  readonly leftOut: string
}

export const isLeftOut = (row: PromptRow | LeftOut): row is LeftOut => 'leftOut' in row

/** Reads one line. @throws Error saying what is wrong with it */
export type ReadLine = (line: string) => PromptRow | LeftOut

/** The formats of data files, by the name that a run file gives. */
export const rowFormats = {
  jsonl: jsonlRow,
  text: (line) => ({ turns: [{ role: 'user', content: line }] }),
  'hh-rlhf': hhRlhfRow,
  hhh: hhhRow,
} satisfies Record<string, ReadLine>

export type RowFormat = keyof typeof rowFormats
