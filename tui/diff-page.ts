import type { DiffedRun, RunDiff } from '../lineage/diff-types.ts'
import { compact } from './compact-value.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, fixed, grouped, percent, signed } from './numbers.ts'
import { quotedOrErased } from './strong-labels.ts'
import { tableLines } from './tables.ts'
import { trustLines } from './trust-line.ts'
import { visible } from './visible.ts'
import { clip, flow, wrap } from './width.ts'

const runWords = (letter: string, run: DiffedRun): string =>
  `${letter} ${shortId(run.run)} ${visible(run.constitution?.name ?? 'no constitution')} ${visible(run.constitution?.version ?? '')} · seed ${run.seed ?? '–'}${run.name === undefined ? '' : ` · ${visible(run.name)}`}`

const share = (part: number, whole: number): string => (whole === 0 ? '–' : percent(part / whole))
const number = (value: number | null): string => (value === null ? '–' : fixed(value))

const settingsSection = ({ settings, constitution }: RunDiff, { columns, paint }: Frame): string[] => {
  const keys = (list: readonly { readonly key: string }[]): string =>
    list.map(({ key }) => visible(key)).join(', ')
  const { same, added, removed, changed } = constitution
  return [
    paint.strong('ASKED DIFFERENTLY'),
    ...(settings.length === 0 ? [' no setting but the constitution'] : []),
    ...settings.flatMap(({ path, a, b }) =>
      wrap(
        ` ${visible(path)}: ${a === undefined ? 'absent' : compact(a)} → ${b === undefined ? 'absent' : compact(b)}`,
        columns,
        '   ',
      ),
    ),
    ...flow(
      [
        ` principles: ${grouped(same)} the same`,
        ...(removed.length > 0 ? [`without ${keys(removed)}`] : []),
        ...(added.length > 0 ? [`new ${keys(added)}`] : []),
        ...(changed.length > 0 ? [`reworded ${keys(changed)}`] : []),
      ],
      ' · ',
      columns,
      '   ',
    ),
  ]
}

const chainsSection = ({ chains }: RunDiff, { columns, paint }: Frame): string[] => {
  const { acts } = chains
  const [example] = chains.examples
  return [
    paint.strong('CRITIQUES AND REVISIONS'),
    ...wrap(
      ` ${grouped(chains.touched)} of ${counted(chains.compared, 'chains')} touched (${share(chains.touched, chains.compared)}): ${grouped(acts.otherText)} texts differ, ${grouped(acts.otherPrinciple)} principles drawn differently, ${grouped(acts.sameEvent)} acts the very same`,
      columns,
      '   ',
    ),
    ...(example === undefined
      ? []
      : [
          ` round ${example.round}, for example`,
          clip(
            `   a ${shortId(example.a.id)} ${visible(example.a.principle ?? '')} ${quotedOrErased(example.a.text)}`,
            columns,
          ),
          clip(
            `   b ${shortId(example.b.id)} ${visible(example.b.principle ?? '')} ${quotedOrErased(example.b.text)}`,
            columns,
          ),
        ]),
  ]
}

const labelsSection = ({ labels }: RunDiff, frame: Frame): string[] => {
  const { columns, paint } = frame
  const most = Math.max(4, frame.rows - 30)
  const shown = labels.byPrinciple.slice(0, most)
  return [
    paint.strong('LABELS'),
    ...wrap(
      ` ${grouped(labels.onEqualPairs)} of ${counted(labels.compared, 'labels')} are on the very same pairs; of these ${grouped(labels.otherPrinciple)} fell to another principle and ${grouped(labels.flipped)} flipped (${share(labels.flipped, labels.onEqualPairs)}), moving P by ${number(labels.meanMove)} on average`,
      columns,
      '   ',
    ),
    ...(labels.onEqualPairs === 0 && labels.compared > 0
      ? wrap(
          ' no pair is the same, so nothing is said of flips; --hold policy keeps the pairs',
          columns,
          '   ',
        )
      : []),
    ...tableLines(
      [
        { title: '  principle in a', cell: ({ key }) => `  ${visible(key)}`, flexible: true },
        { title: 'labels', cell: (row) => grouped(row.labels), align: 'right' },
        { title: 'other principle', cell: (row) => grouped(row.otherPrinciple), align: 'right', leaveOut: 1 },
        { title: 'flipped', cell: (row) => grouped(row.flipped), align: 'right' },
        { title: 'moved P by', cell: (row) => number(row.meanMove), align: 'right' },
      ],
      shown,
      Math.min(columns, 90),
      paint,
    ).slice(shown.length === 0 ? 1 : 0),
    ...(labels.byPrinciple.length > shown.length
      ? [paint.dim(`  and ${labels.byPrinciple.length - shown.length} more`)]
      : []),
  ]
}

const rewardsSection = ({ rewards, policies }: RunDiff, { columns, paint }: Frame): string[] => {
  const { rollouts, sameAnswers, byTraining } = rewards
  const differing = policies.filter(({ equal, a, b }) => !equal && a !== undefined && b !== undefined)
  const lines = [
    ...(rollouts.compared > 0
      ? wrap(
          ` ${grouped(rollouts.otherText)} of ${counted(rollouts.compared, 'rollouts')} at the same place say something else`,
          columns,
          '   ',
        )
      : []),
    ...byTraining.flatMap((training) =>
      wrap(
        ` ${visible(training.training)}: mean reward ${signed(training.meanA)} → ${signed(training.meanB)}; in step ${training.lastStep} ${signed(training.lastMeanA)} → ${signed(training.lastMeanB)}`,
        columns,
        '   ',
      ),
    ),
    ...(sameAnswers.compared > 0
      ? wrap(
          ` ${grouped(sameAnswers.compared)} answers rewarded in both: mean ${number(sameAnswers.meanA)} → ${number(sameAnswers.meanB)}, each moved by ${number(sameAnswers.meanMove)}`,
          columns,
          '   ',
        )
      : []),
    ...(policies.length > 0
      ? wrap(
          differing.length === 0
            ? ' policies that both have: the same weights'
            : ` policies with other weights: ${differing.map(({ name }) => visible(name)).join(', ')}`,
          columns,
          '   ',
        )
      : []),
  ]
  return lines.length === 0 ? [] : [paint.strong('REWARDS AND POLICIES'), ...lines]
}

/** What differs between two runs, aligned by place: same place, same random numbers. */
export const diffPage = (found: RunDiff, frame: Frame): string[] => {
  const { columns, paint } = frame
  const { a, b, events } = found
  const [label] = found.labels.examples
  const [chain] = found.chains.examples
  return [
    clip(paint.strong(runWords('a', a)), columns),
    clip(paint.strong(runWords('b', b)), columns),
    a.seal !== undefined && a.seal === b.seal
      ? paint.good('the same seal: nothing differs')
      : ` ${grouped(events.shared)} events shared, ${grouped(events.onlyA)} only in a, ${grouped(events.onlyB)} only in b`,
    '',
    ...settingsSection(found, frame),
    ...chainsSection(found, frame),
    ...labelsSection(found, frame),
    ...rewardsSection(found, frame),
    ...[
      { letter: 'a', stages: found.stagesOnlyA },
      { letter: 'b', stages: found.stagesOnlyB },
    ].flatMap(({ letter, stages }) =>
      stages.length === 0
        ? []
        : wrap(
            ` stages closed only in ${letter}: ${stages.map((stage) => visible(stage)).join(', ')}`,
            columns,
            '   ',
          ),
    ),
    '',
    ...trustLines(found.trust, frame),
    ...hintLines(
      [
        ...(label === undefined ? [] : [`show ${shortId(label.b.id)}`]),
        ...(chain === undefined ? [] : [`show ${shortId(chain.b.id)}`]),
        `runs ${shortId(b.run)}`,
      ],
      frame,
    ),
  ]
}
