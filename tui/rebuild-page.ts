import type { Rebuilt } from '../lineage/rebuild.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted } from './numbers.ts'
import { wrap } from './width.ts'

/** What was made again from the log, and whether it is what was there. */
export const rebuildPage = (
  { before, after, equal, asOf }: Rebuilt,
  seconds: number,
  frame: Frame,
): string[] => {
  const { columns, paint } = frame
  const verdict =
    equal === undefined
      ? 'there was none before to compare it with'
      : equal
        ? paint.good('equal to what was there')
        : paint.bad(`NOT what was there (${shortId(before?.digest ?? '')}…)`)
  return [
    ...wrap(
      `made again from ${counted(asOf.records, 'records')} of the log in ${seconds.toFixed(1)} s: digest ${paint.key(shortId(after.digest))}…, ${verdict}`,
      columns,
      '  ',
    ),
    ...(equal === false
      ? wrap(
          'Where something was recorded meanwhile this is no fault: do it again while nothing runs.',
          columns,
        )
      : []),
    ...hintLines(['verify'], frame),
  ]
}
