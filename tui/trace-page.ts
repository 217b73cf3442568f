import type { PathStep, StrongLabel, Trace } from '../lineage/trace-types.ts'
import { behaviourOf, contributorName, humanName, promptKind } from './answer-words.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, fixed, signed } from './numbers.ts'
import { shareTableLines } from './share-table.ts'
import { quotedOrErased, strongLabelLines } from './strong-labels.ts'
import { trustLines } from './trust-line.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'

/** Rows of a terminal that the page takes besides the principles. */
const otherRows = 26

const headline = (trace: Trace, { columns, paint }: Frame): string[] => {
  const { reward, reference, difference } = trace
  const group = reference.kind === 'group mean'
  const compared = `${group ? `mean of its group of ${reference.rewards.length}` : 'the other answer'}: ${signed(reference.value)}`
  return wrap(
    `${paint.strong(`reward ${shortId(reward.id)}`)}  ${group ? 'advantage' : 'difference'} ${signed(difference)} (reward ${signed(reward.value)}, ${compared})`,
    columns,
    '  ',
  )
}

const heading = ({ reference, difference }: Trace): string => {
  const whom = reference.kind === 'group mean' ? 'ITS GROUP' : 'THE OTHER ANSWER'
  if (Math.abs(difference) < 5e-3) return `WHY IT IS LEVEL WITH ${whom}`
  return difference > 0
    ? `WHY IT BEAT ${whom} BY ${signed(difference)}`
    : `WHY IT LOST TO ${whom} BY ${fixed(-difference)}`
}

/** Contributors by how far the difference would shrink without their labels, those that carry it first. */
const foremost = (trace: Trace): string[] => {
  const direction = Math.sign(trace.difference) || 1
  return [
    ...trace.principles.map(({ key, withoutItsLabels }) => ({ key, withoutItsLabels })),
    { key: 'human', withoutItsLabels: trace.human.withoutItsLabels },
  ]
    .filter(({ withoutItsLabels }) => withoutItsLabels !== trace.difference)
    .toSorted((a, b) => direction * (a.withoutItsLabels - b.withoutItsLabels))
    .map(({ key }) => key)
}

const labelSections = (trace: Trace, frame: Frame): string[] => {
  const named = (key: string): readonly StrongLabel[] =>
    trace.strongest.filter(({ principle }) => principle === key)
  const shown = foremost(trace)
    .filter((key) => named(key).length > 0)
    .slice(0, 2)
  return shown.flatMap((key) => [
    frame.paint.strong(`STRONGEST LABELS BEHIND ${visible(contributorName(key, trace.human.who))}`),
    ...named(key)
      .slice(0, 2)
      .flatMap((label) => strongLabelLines(label, frame)),
  ])
}

const mostNamed = 5

const labelsHere = (trace: Trace, { columns }: Frame): string[] => {
  const labelled = trace.labelsOnThisPrompt
    .filter(({ labels }) => labels > 0)
    .toSorted((a, b) => b.labels - a.labels)
  const total = labelled.reduce((sum, { labels }) => sum + labels, 0)
  if (total === 0) return [' no label was ever made on this very prompt']
  const named = labelled
    .slice(0, mostNamed)
    .map(({ contributor, labels }) => `${visible(contributorName(contributor, trace.human.who))} ${labels}`)
  return wrap(
    ` ${counted(total, 'labels')} on this very prompt: ${named.join(', ')}${labelled.length > mostNamed ? ' …' : ''}`,
    columns,
    '   ',
  )
}

/** Steps as they stand on the page: principles that follow each other are one. */
const pathParts = (steps: readonly PathStep[], paint: Frame['paint']): string[] => {
  const parts: string[] = []
  let principles = 0
  const flush = (): void => {
    if (principles > 0) parts.push(counted(principles, 'principles'))
    principles = 0
  }
  for (const step of steps) {
    if (step.type === 'principle.defined') {
      principles += 1 + (step.condensed ?? 0)
      continue
    }
    flush()
    parts.push(`${visible(step.note)} ${paint.key(shortId(step.id))}`)
  }
  flush()
  return parts
}

const pathSection = (path: readonly PathStep[], { columns, paint }: Frame): string[] => {
  const branches = ['answer', 'supervised', 'preference model'] as const
  const lines = branches.flatMap((branch) => {
    const parts = pathParts(
      path.filter((step) => step.branch === branch),
      paint,
    )
    const [first, ...rest] = parts
    if (first === undefined) return []
    return flow([first, ...rest.map((part) => `← ${part}`)], ' ', columns - 1, '   ').map(
      (line) => ` ${line}`,
    )
  })
  return lines.length === 0 ? [] : [paint.strong('PATH'), ...lines]
}

const directSection = (trace: Trace, { columns, paint }: Frame): string[] =>
  trace.direct.length === 0
    ? []
    : [
        paint.strong('PARTS OF THE REWARD THAT NAME A PRINCIPLE'),
        ...flow(
          trace.direct.map(
            ({ name, value, weight }) =>
              `${visible(name)} ${signed(value)}${weight === undefined ? '' : ` × ${fixed(weight)}`}`,
          ),
          ' · ',
          columns - 1,
        ).map((line) => ` ${line}`),
      ]

const hintsOf = (trace: Trace): string[] => {
  const [first] = foremost(trace)
  const refit = foremost(trace).find(
    (key) => key !== 'human' && !trace.retrained.some(({ without }) => without === key),
  )
  const label = trace.strongest.find(({ principle }) => principle === first) ?? trace.strongest[0]
  return [
    ...(trace.answer.type === 'rollout.drawn' ? [`why ${shortId(trace.answer.id)}`] : []),
    ...(label === undefined ? [] : [`show ${shortId(label.id)}`]),
    ...(refit === undefined ? [] : [`trace ${shortId(trace.reward.id)} --retrain ${visible(refit)}`]),
  ]
}

/** Why an answer beat, or lost to, what it is compared with. */
export const tracePage = (trace: Trace, frame: Frame): string[] => {
  const { columns, paint } = frame
  const { answer, training, policy, preferenceModel, human } = trace
  const about = [
    ...(training === undefined ? [] : [`${visible(training.name)} step ${training.step}`]),
    ...behaviourOf(answer),
    promptKind(answer.prompt),
    `${answer.type === 'rollout.drawn' ? 'rollout' : 'answer'} ${paint.key(shortId(answer.id))}`,
    ...(policy === undefined ? [] : [`policy ${paint.key(shortId(policy))}`]),
    ...(preferenceModel === undefined ? [] : [`preference model ${paint.key(shortId(preferenceModel.id))}`]),
  ]
  const held = [
    `held fixed: ${trace.heldFixed.map(visible).join(', ')}`,
    'one seed',
    ...(preferenceModel === undefined ? [] : [`fitted to ${counted(preferenceModel.labels, 'labels')}`]),
  ]
  return [
    ...headline(trace, frame),
    ...wrap(`prompt ${quotedOrErased(answer.prompt.text)}`, columns, '    '),
    ...wrap(`answer ${quotedOrErased(answer.text)}`, columns, '    '),
    ...flow(about, ' · ', columns),
    '',
    ...shareTableLines(
      {
        heading: heading(trace),
        difference: trace.difference,
        residual: trace.residual,
        principles: trace.principles,
        human,
        humanName: humanName(human.who),
        ensemble: trace.ensemble,
        retrained: trace.retrained,
        most: Math.max(4, frame.rows - otherRows),
      },
      frame,
    ),
    ...directSection(trace, frame),
    '',
    ...labelSections(trace, frame),
    ...labelsHere(trace, frame),
    '',
    ...pathSection(trace.path, frame),
    '',
    ...trustLines(trace.trust, frame),
    ...flow(held, ' · ', columns, '  '),
    ...hintLines(hintsOf(trace), frame),
  ]
}
