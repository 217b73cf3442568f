import type { WorkRow, WorkTable } from '../lineage/evaluation/run-page.ts'
import { contributorName } from './answer-words.ts'
import { bar } from './bars.ts'
import type { Frame } from './frame.ts'
import { fixed, grouped } from './numbers.ts'
import { visible } from './visible.ts'
import { clip, flow, padEnd, padStart, width } from './width.ts'

/** A mean move below this share of the mean advantage cannot be told from none. */
const noEffect = 0.01

/** Contributors by how far advantages would move without their labels. */
export const workLines = (
  work: WorkTable,
  who: 'people' | 'simulated raters' | 'nobody',
  frame: Frame,
): string[] => {
  const { columns, paint } = frame
  const ranked = work.rows.toSorted((a, b) => b.meanMove - a.meanMove)
  const most = Math.max(5, frame.rows - 34)
  const shown = ranked.slice(0, ranked.length === most + 1 ? most + 1 : most)
  const rest = ranked.slice(shown.length)
  const name = ({ contributor }: WorkRow): string => visible(contributorName(contributor, who))
  const names = Math.min(28, Math.max(...ranked.map((row) => width(name(row)))))
  const largest = ranked[0]?.meanMove ?? 0
  const bars = Math.max(4, Math.min(40, columns - names - 20))
  const steps =
    work.steps[0] === work.steps[1] ? `step ${work.steps[0]}` : `steps ${work.steps[0]}-${work.steps[1]}`
  const without = rest.filter(({ meanMove }) => meanMove < noEffect * work.meanAdvantage).length
  return [
    clip(`${paint.strong('WHO DID THE WORK')}   mean move of an advantage without its labels`, columns),
    paint.dim(clip(` ${padEnd('', names)}${padStart('labels', 8)}${padStart('move', 7)}`, columns)),
    ...shown.map((row) =>
      clip(
        ` ${padEnd(clip(name(row), names), names)}${padStart(grouped(row.labels), 8)}${padStart(fixed(row.meanMove), 7)} ${
          row.meanMove < noEffect * work.meanAdvantage
            ? paint.dim('no measurable effect')
            : paint.good(bar(row.meanMove, largest, bars))
        }`,
        columns,
      ),
    ),
    ...flow(
      [
        ...(rest.length > 0
          ? [
              ` ${rest.length} others at most ${fixed(rest[0]?.meanMove ?? 0)}${without > 0 ? `, ${without} without measurable effect` : ''}`,
            ]
          : []),
        `${rest.length > 0 ? '' : ' '}${visible(work.training)} ${steps}, mean advantage ${fixed(work.meanAdvantage)}`,
      ],
      ' · ',
      columns,
      '   ',
    ),
  ]
}
