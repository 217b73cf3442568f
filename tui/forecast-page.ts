import type { Frame } from './frame.ts'
import { grouped } from './numbers.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { wrap } from './width.ts'

/** What of a stage is on record already, and what would be asked. */
export interface ForecastRow {
  readonly title: string
  readonly total: number
  readonly toAsk: number
}

/** What a run would ask anew on this record, stage by stage. */
export const forecastPage = (rows: readonly ForecastRow[], frame: Frame): string[] => {
  if (rows.every(({ toAsk }) => toAsk === 0)) return ['everything that this run asks is on record']
  const remembered = rows.reduce((sum, { total, toAsk }) => sum + total - toAsk, 0)
  return [
    'what this run asks anew; everything else is remembered',
    ...tableLines(
      [
        { title: '  stage', cell: ({ title }: ForecastRow) => `  ${visible(title)}`, flexible: true },
        {
          title: 'asked',
          cell: ({ total, toAsk }) => (total === 0 ? 'new' : toAsk === 0 ? 'nothing' : grouped(toAsk)),
          align: 'right',
        },
        { title: 'remembered', cell: ({ total, toAsk }) => grouped(total - toAsk), align: 'right' },
      ],
      rows,
      Math.min(72, frame.columns - 1),
      frame.paint,
    ),
    ...wrap(
      `  ${grouped(rows.reduce((sum, { toAsk }) => sum + toAsk, 0))} asked, ${grouped(remembered)} remembered, as far as can be told before`,
      frame.columns,
      '  ',
    ),
  ]
}
