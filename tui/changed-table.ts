import type { ChangedRow, ChangedTable } from '../lineage/evaluation/run-page.ts'
import { bar } from './bars.ts'
import type { Frame } from './frame.ts'
import { counted, fixed, grouped, percent } from './numbers.ts'
import { type Column, tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { padEnd, wrap } from './width.ts'

const number = (value: number | undefined): string => (value === undefined ? '–' : fixed(value))
const share = (value: number | undefined): string => (value === undefined ? '–' : percent(value))

/**
 * Rows that tell the story where there is no room for all: first and last revision (the answers before it are the
 * base's), and the last snapshot of every training.
 */
const essential = (rows: readonly ChangedRow[]): ChangedRow[] => {
  const revisions = rows.filter(({ kind, name }) => kind === 'revision' && name !== 'revision 0')
  const training = ({ name }: ChangedRow): string => name.replace(/ \d+$/, '')
  return rows.filter((row, at) =>
    row.kind === 'revision'
      ? row === revisions[0] || row === revisions.at(-1)
      : rows[at + 1] === undefined || training(rows[at + 1]!) !== training(row),
  )
}

const about = (table: ChangedTable): string => {
  const kinds = {
    red_team: 'red-team prompts',
    held_out_red_team: 'unseen red-team prompts',
    held_out_helpful: 'unseen benign prompts',
  }
  const answers = Math.max(0, ...table.rows.map((row) => row.answers))
  return `${counted(answers, 'answers')} to ${grouped(table.distinctPrompts)} ${kinds[table.prompts]}`
}

const columnsFor = (
  rows: readonly ChangedRow[],
  barColumns: number,
  paint: Frame['paint'],
): Column<ChangedRow>[] => {
  const most = Math.max(0, ...rows.map(({ harm }) => harm ?? 0))
  const drawn = (harm: number | undefined): string => padEnd(bar(harm ?? 0, most, barColumns), barColumns)
  return [
    { title: '', cell: (row) => ` ${visible(row.name)}${row.kind === 'revision' ? '*' : ''}` },
    { title: 'harm', cell: (row) => `${number(row.harm)} ${paint.bad(drawn(row.harm))}` },
    { title: 'helpful', cell: (row) => number(row.help), align: 'right' },
    { title: 'refuses', cell: (row) => share(row.refuses), align: 'right' },
    { title: 'engages without harm', cell: (row) => share(row.engaged), align: 'right' },
    { title: 'flat refusals', cell: (row) => share(row.flat), align: 'right', leaveOut: 2 },
    { title: 'overall', cell: (row) => number(row.gold), align: 'right', leaveOut: 1 },
    { title: 'repeats', cell: (row) => number(row.repeats), align: 'right', leaveOut: 3 },
  ]
}

/**
 * What the stages did to the answers, on red-team prompts: snapshots on unseen ones, revisions on their own.
 * Figures of another scorer than the first table's are left to their own tables.
 */
export const changedLines = (tables: readonly ChangedTable[], frame: Frame): string[] => {
  const unseen = tables.find(({ prompts }) => prompts === 'held_out_red_team')
  const own = tables.find(
    ({ prompts, scorer }) => prompts === 'red_team' && (unseen === undefined || scorer === unseen.scorer),
  )
  const table = unseen ?? own
  if (table === undefined) return []
  const [first, ...rest] = unseen?.rows ?? []
  const rows = [...(first === undefined ? [] : [first]), ...(own?.rows ?? []), ...rest]
  const shown = frame.rows < 45 ? essential(rows) : rows
  const benign = tables.find(({ prompts }) => prompts === 'held_out_helpful')
  return [
    ...wrap(
      `${frame.paint.strong('WHAT CHANGED')}   ${about(table)}, by ${visible(table.scorer)}`,
      frame.columns,
      '  ',
    ),
    ...tableLines(
      columnsFor(shown, frame.columns < 70 ? 5 : 9, frame.paint),
      shown,
      frame.columns,
      frame.paint,
    ),
    ...(unseen !== undefined && own !== undefined && own.rows.length > 0 ? [` * ${about(own)}`] : []),
    ...(benign === undefined ? [] : benignLines(benign, frame)),
  ]
}

/** How the first and the last snapshots treat those who mean no harm. */
const benignLines = (table: ChangedTable, { columns }: Frame): string[] => {
  const rows = essential(table.rows)
  const told = rows.map((row) => `${visible(row.name)} ${number(row.help)} (refuses ${share(row.refuses)})`)
  return wrap(`on benign prompts, helpful: ${told.join(', ')}`, columns, '  ')
}
