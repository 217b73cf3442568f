import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, grouped } from './numbers.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { wrap } from './width.ts'

/** One training, done again from the log alone. */
export interface ReplayedTraining {
  readonly stage: string
  readonly method: string
  readonly steps: number
  /** Digests of the weights after the last step. */
  readonly recorded: string | null
  readonly replayed: string | null
  readonly equal: boolean
  /** The first step whose weights differ. */
  readonly differsAt?: number
}

/** Whether training again from the record gives the recorded weights. */
export const replayPage = (
  { run, trainings }: { readonly run: string; readonly trainings: readonly ReplayedTraining[] },
  frame: Frame,
): string[] => {
  const { columns, paint } = frame
  const differing = trainings.filter(({ equal }) => !equal).length
  return [
    differing === 0
      ? paint.good(`SAME WEIGHTS: run ${shortId(run)} trained again from its record alone`)
      : paint.bad(`OTHER WEIGHTS in ${counted(differing, 'trainings')} of run ${shortId(run)}`),
    '',
    ...tableLines(
      [
        { title: 'training', cell: ({ stage }: ReplayedTraining) => visible(stage), flexible: true },
        { title: 'method', cell: ({ method }) => visible(method), leaveOut: 1 },
        { title: 'steps', cell: ({ steps }) => grouped(steps), align: 'right' },
        {
          title: 'recorded',
          cell: ({ recorded }) => (recorded === null ? 'not given' : shortId(visible(recorded))),
        },
        {
          title: 'now',
          cell: ({ replayed }) => (replayed === null ? 'not given' : shortId(visible(replayed))),
        },
        {
          title: '',
          cell: ({ equal, differsAt }) =>
            equal
              ? paint.good('equal')
              : paint.bad(differsAt === undefined ? 'differ' : `differ from step ${differsAt}`),
        },
      ],
      trainings,
      columns,
      paint,
    ),
    '',
    ...wrap(
      differing === 0
        ? 'So these weights come from these texts, labels, rewards and settings, and from nothing else.'
        : 'A backend that is not exact, another processor, or a changed record: the first step that differs says where to look.',
      columns,
    ),
    ...hintLines(['verify', 'trace @best'], frame),
  ]
}
