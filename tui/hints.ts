import type { Paint } from './paint.ts'
import { flow } from './width.ts'

/** The next things to type, on as few lines as they need. */
export const hintLines = (hints: readonly string[], columns: number, paint: Paint): string[] =>
  flow(
    hints.map((hint) => `hansard ${hint}`),
    ' · ',
    columns - 6,
  ).map((line, at) => `${at === 0 ? paint.dim('next  ') : '      '}${line}`)
