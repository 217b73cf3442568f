import type {
  EloTable,
  GoodhartFigures,
  JudgeFigures,
  PreferenceFigures,
} from '../lineage/evaluation/run-page.ts'
import { sparkline } from './bars.ts'
import type { Frame } from './frame.ts'
import { fixed, percent, signed } from './numbers.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'

const eloPart = ({ question, points }: EloTable): string => {
  const best = points.reduce((top, point) => (point.elo > top.elo ? point : top), points[0]!)
  const last = points.at(-1)!
  const ends = best === last ? [last] : [best, last]
  return `${visible(question)} ${sparkline(points.map(({ elo }) => elo))} ${ends
    .map(({ name, elo }) => `${visible(name)} ${signed(elo, 0)}`)
    .join(', ')}`
}

/** Ratings over the snapshots, from the base at 0: the best one, and the last. */
export const eloLines = (tables: readonly EloTable[], { columns, paint }: Frame): string[] => {
  const drawn = tables.filter(({ points }) => points.length > 1)
  if (drawn.length === 0) return []
  return flow([`${paint.strong('Elo')} over snapshots, base 0`, ...drawn.map(eloPart)], '   ', columns, '  ')
}

export const judgeLines = (judge: JudgeFigures, { columns }: Frame): string[] => {
  const parts = [
    ...(judge.items === undefined
      ? []
      : [
          `judge is right on ${fixed(judge.items.accuracy)} of ${judge.items.asked} items with a known answer`,
        ]),
    ...(judge.calibrationError === undefined ? [] : [`calibration error ${fixed(judge.calibrationError)}`]),
    ...(judge.flips === undefined ? [] : [`${percent(judge.flips.share)} of labels flip with the principle`]),
    ...(judge.ordersAgree === undefined ? [] : [`both orders agree on ${percent(judge.ordersAgree)}`]),
  ]
  return flow(parts, ' · ', columns, '  ')
}

export const preferenceLines = (
  preference: PreferenceFigures,
  human: string,
  { columns }: Frame,
): string[] => {
  const parts = [
    ...(preference.sure === undefined ? [] : [`${fixed(preference.sure)} of the judge’s sure labels`]),
    ...(preference.all === undefined ? [] : [`${fixed(preference.all)} of all`]),
    ...(preference.human === undefined ? [] : [`${fixed(preference.human)} of ${human}`]),
  ]
  return parts.length === 0
    ? []
    : wrap(`preference model agrees with held-out labels: ${parts.join(', ')}`, columns, '  ')
}

/** Where more reward stopped meaning better answers. */
export const goodhartLines = (figures: readonly GoodhartFigures[], { columns, paint }: Frame): string[] =>
  figures
    .filter(({ flags }) => flags.length > 0)
    .flatMap(({ training, points, flags }) => {
      const measured = points.filter(({ gold }) => gold !== undefined)
      const curve =
        measured.length > 1
          ? ` overall score ${sparkline(measured.map(({ gold }) => gold ?? Number.NaN))}`
          : ''
      const what = flags.some(({ kind }) => kind === 'gold turned') ? 'pushed too far' : 'watch'
      return wrap(
        `${paint.warn(what)}: training ${visible(training)}${curve === '' ? '' : `,${curve}`} · ${flags.map(({ note }) => visible(note)).join(' · ')}`,
        columns,
        '  ',
      )
    })
