import { bar } from './bars.ts'
import { counted, duration, grouped, perSecond } from './numbers.ts'
import type { ClosedStage } from './closed-stages.ts'
import type { Paint } from './paint.ts'
import type { StageMeter } from './stage-meter.ts'
import { visible } from './visible.ts'
import { clip, fit, padEnd, padStart, width, wrap } from './width.ts'

/** `3,210/5,000 labels`, or `3,210 labels` where the total is not known. */
export const doneOf = (meter: StageMeter): string => {
  const { done, total, unit } = meter.last
  return total > 0 ? `${grouped(done)}/${grouped(total)} ${visible(unit)}` : counted(done, visible(unit))
}

const titleColumns = (titles: readonly string[], columns: number): number =>
  Math.min(Math.max(8, ...titles.map((title) => width(title))), Math.floor(columns / 3), 32)

/**
 * A stage at work on one line: title, bar, done of total, rate, time left. What has no room is left out, the rate
 * first, then the bar; done of total always stands.
 */
const activeLine = (
  meter: StageMeter,
  title: number,
  columns: number,
  now_ms: number,
  paint: Paint,
): string => {
  const head = `▸ ${fit(visible(meter.last.title), title)}`
  const left = meter.left_s(now_ms)
  const done = doneOf(meter)
  const rate = meter.rate(now_ms)
  const tail = (withRate: boolean): string =>
    (withRate && rate > 0 ? `  ${perSecond(rate)}` : '') +
    (left === undefined ? '' : `  ${duration(left)} left`)
  const room = (withRate: boolean): number => columns - width(head) - width(done) - width(tail(withRate)) - 4
  const withRate = room(true) >= 8 || room(false) < 8
  const barColumns = Math.min(40, room(withRate))
  const measured = meter.last.total > 0 && barColumns >= 8
  const drawn = measured
    ? `${paint.good(bar(meter.last.done, meter.last.total, barColumns))}${' '.repeat(
        barColumns - width(bar(meter.last.done, meter.last.total, barColumns)),
      )}  `
    : ''
  return clip(`${head}  ${drawn}${done}${paint.dim(tail(withRate))}`, columns)
}

/** The live block: stages at work, and a line on the whole. Less than `rows` lines, each of at most `columns` columns. */
export const liveLines = (
  meters: readonly StageMeter[],
  latest: StageMeter | undefined,
  elapsed_s: number,
  now_ms: number,
  size: { columns: number; rows: number },
  paint: Paint,
): string[] => {
  const open = meters.filter((meter) => !meter.closed)
  const active = open.filter((meter) => meter.begun || meter === latest)
  const waiting = open.filter((meter) => !active.includes(meter))
  const title = titleColumns(
    active.map((meter) => visible(meter.last.title)),
    size.columns,
  )
  const asked = meters.reduce((sum, meter) => sum + (meter.last.asked ?? 0), 0)
  const remembered = meters.reduce((sum, meter) => sum + (meter.last.remembered ?? 0), 0)
  const whole = [
    `${duration(elapsed_s)} so far`,
    ...(asked + remembered > 0 ? [`${grouped(asked)} asked`, `${grouped(remembered)} remembered`] : []),
    ...(waiting.length > 0 ? [`then ${waiting.map((meter) => visible(meter.last.title)).join(', ')}`] : []),
  ]
  const lines = active.map((meter) => activeLine(meter, title, size.columns, now_ms, paint))
  const shown = lines.slice(-Math.max(1, size.rows - 3))
  return [...shown, paint.dim(clip(`  ${whole.join(' · ')}`, size.columns))]
}

/** The line that stays when a stage is closed. What is least important goes where there is no room. */
export const closedLine = (
  { meter, events, seconds }: ClosedStage,
  columns: number,
  paint: Paint,
): string => {
  const title = Math.min(27, Math.floor(columns / 3))
  const head = `${padEnd(clip(visible(meter.last.title), title), title)}${padStart(duration(seconds), 7)}`
  const parts = closedParts({ meter, events, seconds })
  while (parts.length > 1 && width(head) + 4 + width(parts.join(' · ')) > columns) parts.pop()
  return clip(`${paint.good('✓')} ${head}  ${parts.join(' · ')}`, columns)
}

/** What a closed stage did: its units, how many of them were remembered, its events. */
export const closedParts = ({ meter, events }: ClosedStage): string[] => {
  const { done, unit, asked, remembered } = meter.last
  return [
    ...(done > 0 ? [counted(done, visible(unit))] : []),
    ...(remembered === undefined || remembered === 0
      ? []
      : [asked === undefined || asked === 0 ? 'all remembered' : `${grouped(remembered)} remembered`]),
    counted(events, 'events'),
  ]
}

/** A title and the lines under it behind a rule that no text can cross, wrapped to the width. */
export const exhibitLines = (
  title: string,
  lines: readonly string[],
  columns: number,
  paint: Paint,
): string[] => [
  '',
  clip(paint.strong(visible(title)), columns),
  ...lines.flatMap((line) =>
    wrap(visible(line), columns - 2, '    ').map((part) => `${paint.dim('│')} ${part}`),
  ),
  '',
]
