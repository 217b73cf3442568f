import type { ModelInView, RunPage } from '../lineage/evaluation/run-page.ts'
import { humanName } from './answer-words.ts'
import { changedLines } from './changed-table.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { eloLines, goodhartLines, judgeLines, preferenceLines } from './judgement-lines.ts'
import { counted, duration, grouped } from './numbers.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'
import { workLines } from './work-table.ts'

/** What only the command that made the run knows. */
export interface Execution {
  /** Seconds that this command took; the record's own claim is shown where it is absent. */
  readonly seconds?: number
  /** Requests put to models by this command. */
  readonly modelCalls?: number
  /** Folder of the record, as the person names it. */
  readonly home: string
  /** The seal that the documentation states for these settings, where it states one. */
  readonly published?: string
}

const numberWords = (value: number): string =>
  value >= 1e9
    ? `${(value / 1e9).toPrecision(3)}G`
    : value >= 1e6
      ? `${Math.round(value / 1e6)}M`
      : value >= 1e3
        ? `${Math.round(value / 1e3)}k`
        : String(value)

const modelWords = ({ name, plugin, identity }: ModelInView): string => {
  const parameters = identity['parameters']
  const size = typeof parameters === 'number' ? `: ${numberWords(parameters)} parameters` : ''
  const about = plugin === 'pocket' ? ', miniature English' : ''
  return `${visible(name === plugin ? name : `${plugin} ${name}`)}${size}${about}`
}

const headline = (page: RunPage, execution: Execution, frame: Frame): string[] => {
  const { run } = page
  const seconds = execution.seconds ?? (run.elapsed_ms === undefined ? undefined : run.elapsed_ms / 1000)
  const state =
    run.sealed === undefined
      ? 'not sealed yet'
      : seconds === undefined
        ? 'done'
        : `done in ${duration(seconds)}`
  const calls = execution.modelCalls
  return [
    ...flow(
      [
        `${frame.paint.strong(`run ${shortId(run.id)}`)} ${state}`,
        ...(run.name === 'default' ? [] : [visible(run.name)]),
        ...(calls === 0 ? ['everything was remembered: no model was asked'] : []),
        ...run.models.map(modelWords),
      ],
      ' · ',
      frame.columns,
      '  ',
    ),
    ...flow(
      [
        `constitution ${visible(run.constitution.name)} ${visible(run.constitution.version)} (${counted(run.constitution.principles, 'principles')})`,
        `seed ${run.seed}`,
        ...(run.sealed === undefined
          ? []
          : [`${counted(run.sealed.events, 'events')} in ${visible(execution.home)}`]),
      ],
      ' · ',
      frame.columns,
      '  ',
    ),
  ]
}

const failureLines = (page: RunPage, { columns }: Frame): string[] => {
  const total = page.failures.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return ['no answer failed']
  const kinds = page.failures.map(
    ({ type, reason, count }) => `${visible(type)} ${visible(reason)} ${grouped(count)}`,
  )
  return wrap(
    `${counted(total, 'answers')} failed and ${total === 1 ? 'is' : 'are'} kept as failures, none imputed: ${kinds.join(', ')}`,
    columns,
    '  ',
  )
}

/** What the figures are, and what they are not. */
const measuredLines = (page: RunPage, { columns }: Frame): string[] => {
  const pocket = page.run.models.some(({ plugin }) => plugin === 'pocket')
  const raters = page.run.humanLabels === 'simulated raters' ? ' Human labels are simulated raters.' : ''
  return wrap(
    pocket
      ? `By construction: the world, the judge’s schooling, the rules. Measured: all rows above.${raters}`
      : `Measured on this run’s own prompts, one seed.${raters}`,
    columns,
    '  ',
  )
}

const sealLines = (page: RunPage, execution: Execution, { columns, paint }: Frame): string[] => {
  const { sealed, models } = page.run
  if (sealed === undefined) return [paint.warn('not sealed: the run has not ended')]
  const exact = models.every(({ determinism }) => determinism === 'exact')
  const same = exact ? 'same bytes anywhere; it' : 'covers what was recorded here; it'
  const equal =
    execution.published === undefined
      ? []
      : execution.published === sealed.seal
        ? [paint.good('equal to the published seal of these settings')]
        : [paint.warn(`NOT the published seal of these settings (${shortId(execution.published)}…)`)]
  return flow(
    [
      `seal ${paint.key(shortId(sealed.seal))}… ${same} says nothing of who or when: ${page.trust.signed ? 'signed' : paint.warn('NOT SIGNED')}`,
      ...equal,
    ],
    ' · ',
    columns,
    '  ',
  )
}

const hintsOf = ({ picks, run }: RunPage): string[] => {
  const best = picks.aliases.best ?? picks.largest[0]?.reward
  const [refused] = picks.refusedBenign
  return [
    ...(best === undefined ? [] : [`trace ${shortId(best)}`]),
    ...(refused === undefined ? [] : [`why ${shortId(refused.rollout)}`]),
    run.constitution.name === 'good-neighbours'
      ? 'run --constitution FILE'
      : 'run --constitution good-neighbours',
  ]
}

/** The last page of a run: what changed, who did the work, what it is worth. */
export const runPage = (page: RunPage, execution: Execution, frame: Frame): string[] => {
  const human = humanName(page.run.humanLabels)
  const sections = [
    [
      ...changedLines(page.changed, frame),
      ...goodhartLines(page.goodhart, frame),
      ...eloLines(page.elo, frame),
      ...judgeLines(page.judge, frame),
      ...(page.preference === undefined ? [] : preferenceLines(page.preference, human, frame)),
    ],
    page.work === undefined ? [] : workLines(page.work, page.run.humanLabels, frame),
    [...failureLines(page, frame), ...measuredLines(page, frame), ...sealLines(page, execution, frame)],
  ].filter((lines) => lines.length > 0)
  return [
    ...headline(page, execution, frame),
    '',
    ...sections.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines])),
    ...hintLines(hintsOf(page), frame),
  ]
}
