import type { Pick, Picks } from '../lineage/picks-types.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { signed } from './numbers.ts'
import { quotedOrErased } from './strong-labels.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'

const section = (title: string, picks: readonly Pick[], most: number, frame: Frame): string[] =>
  picks.length === 0
    ? []
    : [
        frame.paint.strong(title),
        ...tableLines(
          [
            { title: '', cell: (pick: Pick) => ` ${frame.paint.key(shortId(pick.reward))}` },
            { title: '', cell: ({ advantage }) => signed(advantage), align: 'right' },
            { title: '', cell: ({ training, step }) => `${visible(training)} ${step}`, leaveOut: 2 },
            { title: '', cell: ({ answer }) => quotedOrErased(answer), flexible: true, least: 30 },
            { title: '', cell: ({ prompt }) => `to ${quotedOrErased(prompt)}`, leaveOut: 1 },
          ],
          picks.slice(0, most),
          frame.columns,
          frame.paint,
        ),
      ]

/** What is worth a trace in a run, where nobody named a reward. */
export const picksPage = (run: string, picks: Picks, frame: Frame): string[] => {
  const { largest, refusedBenign, goodhart, aliases } = picks
  const most = Math.max(4, Math.floor((frame.rows - 8) / 3))
  const shown = Math.min(most, 20)
  const sections = [
    section('BEAT ITS GROUP BY MOST', largest, shown, frame),
    section('REFUSED A BENIGN PROMPT', refusedBenign, shown, frame),
    section('HIGHLY REWARDED WHERE MORE REWARD NO LONGER MEANT BETTER', goodhart, shown, frame),
  ].filter((lines) => lines.length > 0)
  const named = (['best', 'last', 'flagged'] as const).flatMap((alias) => {
    const id = aliases[alias]
    return id === undefined ? [] : [`@${alias} is ${shortId(id)}`]
  })
  const [refused] = refusedBenign
  return [
    ...wrap(
      `worth a trace in run ${frame.paint.key(shortId(run))} (a number: the reward minus its group’s mean)`,
      frame.columns,
      '  ',
    ),
    ...sections.flatMap((lines) => ['', ...lines]),
    '',
    ...flow(named, ', ', frame.columns),
    ...hintLines(
      [
        ...(aliases.best === undefined ? [] : ['trace @best']),
        ...(refused === undefined ? [] : [`why ${shortId(refused.rollout)}`]),
      ],
      frame,
    ),
  ]
}
