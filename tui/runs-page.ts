import type { RunSummary } from '../lineage/runs.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { duration, grouped } from './numbers.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'

/** `2026-11-24 22:41`, as the host that wrote it said. */
export const shortTime = (time: string | undefined): string =>
  time === undefined ? '–' : visible(time).slice(0, 16).replace('T', ' ')

const took = ({ started, ended }: RunSummary): string =>
  started === undefined || ended === undefined
    ? '–'
    : duration((Date.parse(ended) - Date.parse(started)) / 1000)

/** The runs of a record, the newest first. */
export const runsPage = (runs: readonly RunSummary[], frame: Frame): string[] => {
  if (runs.length === 0) return ['no run was begun in this record yet', ...hintLines(['run'], frame)]
  const { paint } = frame
  const [last, before] = runs
  return [
    ...tableLines(
      [
        { title: 'run', cell: (run: RunSummary) => paint.key(shortId(run.id)) },
        {
          title: 'state',
          cell: (run) => (run.state === 'sealed' ? paint.good('sealed') : paint.warn('open')),
        },
        {
          title: 'constitution',
          cell: ({ constitution }) => visible(constitution?.name ?? '–'),
          flexible: true,
        },
        { title: 'name', cell: (run) => visible(run.name ?? '–'), leaveOut: 2 },
        { title: 'seed', cell: (run) => String(run.seed ?? '–'), align: 'right', leaveOut: 1 },
        { title: 'events', cell: (run) => grouped(run.events), align: 'right' },
        { title: 'began (UTC)', cell: (run) => shortTime(run.started) },
        { title: 'took', cell: took, align: 'right', leaveOut: 3 },
        { title: 'seal', cell: (run) => (run.seal === undefined ? '–' : shortId(run.seal)) },
      ],
      runs,
      frame.columns,
      paint,
    ),
    ...(runs.some(({ state }) => state === 'open')
      ? ['open: going on, or stopped; the same command goes on with it']
      : []),
    '',
    ...hintLines(
      [
        'trace @best',
        ...(last === undefined ? [] : [`events --run ${shortId(last.id)}`]),
        ...(last === undefined || before === undefined
          ? []
          : [`diff ${shortId(before.id)} ${shortId(last.id)}`]),
      ],
      frame,
    ),
  ]
}
