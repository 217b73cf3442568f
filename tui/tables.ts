import type { Paint } from './paint.ts'
import { clip, padEnd, padStart, width } from './width.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly align?: 'right'
  /** This column gives way where the room is short, and takes it where there is some. One per table. */
  readonly flexible?: boolean
  /** Columns that a flexible one wants at least, before others are left out for it. */
  readonly least?: number
  /** Columns with a number are left out, the highest first, where nothing else helps. */
  readonly leaveOut?: number
}

const gap = 2
const leastFlexible = 12

/** Widths of the columns that are shown, or undefined for one that has no room. */
const layout = <Row>(columns: readonly Column<Row>[], natural: readonly number[], room: number) => {
  const shown = columns.map(() => true)
  const needed = (): number =>
    columns.reduce(
      (sum, column, at) =>
        shown[at]
          ? sum +
            gap +
            (column.flexible ? Math.min(natural[at] ?? 0, column.least ?? leastFlexible) : (natural[at] ?? 0))
          : sum,
      -gap,
    )
  const order = columns
    .map((column, at) => ({ at, rank: column.leaveOut ?? 0 }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
  for (const { at } of order) {
    if (needed() <= room) break
    shown[at] = false
  }
  const fixed = columns.reduce(
    (sum, column, at) => (shown[at] && !column.flexible ? sum + gap + (natural[at] ?? 0) : sum),
    -gap,
  )
  return columns.map((column, at) => {
    if (!shown[at]) return undefined
    const own = natural[at] ?? 0
    return column.flexible ? Math.max(4, Math.min(own, room - fixed - gap)) : own
  })
}

/** A table with a line of titles. Cells are visible already; those that are too long end in …. */
export const tableLines = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  room: number,
  paint: Paint,
): string[] => {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)))
  const natural = columns.map((column, at) =>
    cells.reduce((widest, row) => Math.max(widest, width(row[at] ?? '')), width(column.title)),
  )
  const widths = layout(columns, natural, room)
  const line = (row: readonly string[]): string =>
    columns
      .flatMap((column, at) => {
        const own = widths[at]
        if (own === undefined) return []
        const cell = clip(row[at] ?? '', own)
        return [column.align === 'right' ? padStart(cell, own) : padEnd(cell, own)]
      })
      .join(' '.repeat(gap))
      .trimEnd()
  const titles = columns.some((column) => column.title !== '')
    ? [paint.dim(clip(line(columns.map((column) => column.title)), room))]
    : []
  return [...titles, ...cells.map((row) => clip(line(row), room))]
}
