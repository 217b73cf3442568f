import type { Frame } from './frame.ts'
import { visible } from './visible.ts'
import { flow } from './width.ts'

/** The next things to type, on as few lines as they need; each can be pasted as it stands. */
export const hintLines = (hints: readonly string[], frame: Frame): string[] =>
  flow(
    hints.map((hint) => visible(`${frame.command} ${hint}`)),
    ' · ',
    frame.columns - 6,
  ).map((line, at) => `${at === 0 ? frame.paint.dim('next  ') : '      '}${line}`)
