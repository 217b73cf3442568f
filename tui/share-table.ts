import type { PrincipleShare, Retrained, Share } from '../lineage/trace-types.ts'
import { bar } from './bars.ts'
import type { Frame } from './frame.ts'
import { grouped, signed } from './numbers.ts'
import { visible } from './visible.ts'
import { clip, padEnd, padStart, width, wrap } from './width.ts'

interface ShareRow {
  readonly name: string
  readonly labels: number
  readonly addsUp: number
  /** How far the difference would move; undefined where rows are put together, for moves do not add up. */
  readonly move: number | undefined
}

export interface ShareTable {
  /** `WHY IT BEAT ITS GROUP BY +1.31` */
  readonly heading: string
  /** What the shares add up to: `+1.31`. */
  readonly difference: number
  readonly residual: number
  readonly principles: readonly PrincipleShare[]
  readonly human: Share
  /** `human` or `simulated raters`. */
  readonly humanName: string
  readonly ensemble?: Share | undefined
  readonly retrained: readonly Retrained[]
  /** Rows that principles may take. */
  readonly most: number
}

const rowsOf = (table: ShareTable): readonly ShareRow[] => {
  const moveOf = (share: Share): number => share.withoutItsLabels - table.difference
  const ranked = table.principles.toSorted((a, b) => Math.abs(moveOf(b)) - Math.abs(moveOf(a)))
  const refitted = new Set(table.retrained.map(({ without }) => without))
  const named = ranked.filter(({ key }, at) => at < table.most || refitted.has(key))
  const others = ranked.filter((principle) => !named.includes(principle))
  const all = others.length === 1 ? ranked : named
  const rest = others.length === 1 ? [] : others
  const shareRow = (name: string, share: Share): ShareRow => ({
    name,
    labels: share.labels,
    addsUp: share.addsUp,
    move: moveOf(share),
  })
  return [
    ...all.map((share) => shareRow(visible(share.key), share)),
    ...(rest.length > 0
      ? [
          {
            name: `${rest.length} others`,
            labels: rest.reduce((sum, { labels }) => sum + labels, 0),
            addsUp: rest.reduce((sum, { addsUp }) => sum + addsUp, 0),
            move: undefined,
          },
        ]
      : []),
    ...(table.ensemble === undefined ? [] : [shareRow('ensemble', table.ensemble)]),
    ...(table.human.labels > 0 ? [shareRow(table.humanName, table.human)] : []),
  ]
}

const scientific = (value: number): string => (value === 0 ? '0' : value.toExponential(0).replace('e+0', ''))

/** What the head said when it was really fitted again. */
const refittedLines = (table: ShareTable, columns: number): string[] =>
  table.retrained.flatMap(({ without, difference, newton }) =>
    wrap(
      ` refitted without ${without === 'human' ? table.humanName : visible(without)}: ${signed(difference)} remains, so it moves by ${signed(difference - table.difference)} (one Newton step said ${signed(newton - table.difference)})`,
      columns,
      '   ',
    ),
  )

/** Columns of numbers, and what stands above them: in words where there is room. */
const layouts = {
  wide: {
    labels: 8,
    share: 16,
    move: 20,
    heads: ['share of ', 'without its labels', '(arithmetic)', 'it would move by'],
  },
  narrow: { labels: 7, share: 10, move: 12, heads: ['of ', 'without', 'by sum', 'moves by'] },
} as const
type Layout = (typeof layouts)[keyof typeof layouts]

const numbers = (layout: Layout, labels: string, share: string, move: string): string =>
  padStart(labels, layout.labels) + padStart(share, layout.share) + padStart(move, layout.move)

/**
 * Principles and human labels with both numbers: the share by arithmetic, and how far the difference would move
 * without the labels. Order and bars go by the latter, for shares of a fit on correlated features may cancel each other
 * by the thousand. Ends with the sum and what rounding left over.
 */
export const shareTableLines = (table: ShareTable, { columns, paint }: Frame): string[] => {
  const rows = rowsOf(table)
  // Without labels that speak against the difference it would be larger.
  const opposes = ({ move = 0 }: ShareRow): boolean => move * table.difference > 0 && Math.abs(move) >= 5e-3
  const largest = Math.max(0, ...rows.map(({ move = 0 }) => Math.abs(move)))
  const layout = columns < 76 ? layouts.narrow : layouts.wide
  const numberColumns = layout.labels + layout.share + layout.move
  const word = rows.some(opposes) ? ' against' : ''
  const names = Math.min(
    Math.max(...rows.map(({ name }) => width(name))),
    Math.max(8, columns - numberColumns - word.length - 6),
  )
  const bars = Math.max(0, Math.min(40, columns - 2 - names - numberColumns - word.length))
  const left = 2 + names + bars + word.length
  const drawn = (row: ShareRow): string => {
    const blocks = bar(Math.abs(row.move ?? 0), largest, bars)
    return opposes(row) ? paint.bad(blocks) + word : paint.good(blocks)
  }
  const headings = [
    numbers(layout, 'labels', layout.heads[0] + signed(table.difference), layout.heads[1]),
    numbers(layout, '', layout.heads[2], layout.heads[3]),
  ].map((line) => paint.dim(line))
  const titled = width(table.heading) < left
  const sum = rows.reduce((total, { addsUp }) => total + addsUp, 0)
  return [
    ...(titled ? [] : [clip(paint.strong(table.heading), columns)]),
    clip(padEnd(titled ? paint.strong(table.heading) : '', left) + headings[0], columns),
    clip(' '.repeat(left) + headings[1], columns),
    ...rows.map((row) =>
      clip(
        ` ${padEnd(clip(row.name, names), names)} ${padEnd(drawn(row), bars + word.length)}${numbers(
          layout,
          grouped(row.labels),
          signed(row.addsUp),
          row.move === undefined ? '' : signed(row.move),
        )}`,
        columns,
      ).trimEnd(),
    ),
    ...refittedLines(table, columns),
    ...wrap(
      ` shares sum to ${signed(sum)} (residual ${scientific(table.residual)}) and are no cause; bars show the what-if.`,
      columns,
      ' ',
    ),
  ]
}
