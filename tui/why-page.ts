import type { Contrast, RefusalRate, Why } from '../lineage/why-types.ts'
import { behaviourOf, humanName, promptKind } from './answer-words.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, percent, signed } from './numbers.ts'
import { shareTableLines } from './share-table.ts'
import { quotedOrErased, strongLabelLines } from './strong-labels.ts'
import { trustLines } from './trust-line.ts'
import { visible } from './visible.ts'
import { flow, wrap } from './width.ts'

/** Rows of a terminal that the page takes besides the principles. */
const otherRows = 26
/** With fewer answers a percentage says more than is known. */
const fewAnswers = 10

const rate = ({ stage, refused, answers }: RefusalRate): string =>
  `${visible(stage)} ${answers < fewAnswers ? `${refused} of ${answers}` : percent(refused / answers)}`

/** Between which two rows most of the rise lies; nothing is said of a rise that chance may have made. */
const mostOfIt = (rates: readonly RefusalRate[]): string[] => {
  const known = rates.filter(({ answers }) => answers > 0)
  const shares = known.map(({ refused, answers }) => refused / answers)
  const steps = shares.slice(1).map((share, at) => share - (shares[at] ?? 0))
  const at = steps.indexOf(Math.max(...steps))
  const rise = steps[at]
  if (rise === undefined || rise < 0.2) return []
  return [`most of it between ${visible(known[at]?.stage ?? '')} and ${visible(known[at + 1]?.stage ?? '')}`]
}

const sinceWhen = (why: Why, { columns, paint }: Frame): string[] => {
  if (why.sinceWhen.length === 0) return []
  const whence = why.sinceWhen.every(({ from }) => from === 'samples')
    ? 'fresh samples'
    : 'samples and rollouts'
  return [
    `${paint.strong('SINCE WHEN')}   share of ${whence} that refuse this prompt`,
    ...flow([...why.sinceWhen.map(rate), ...mostOfIt(why.sinceWhen)], '   ', columns - 1, '  ').map(
      (line) => ` ${line}`,
    ),
    '',
  ]
}

const paidFor = (why: Why, contrast: Contrast, frame: Frame): string[] => {
  const { rewards, gap, other, otherFrom, group } = contrast
  const what = why.refuses === true ? 'refusal' : 'this answer'
  const whence =
    otherFrom === 'its group'
      ? `from its group, of which ${group.refused} of ${group.answers} refused`
      : `from SL-CAI: all ${group.answers} in this group refused`
  return [
    ...wrap(
      `${frame.paint.strong('WHAT PAID FOR IT')}   ${what} ${signed(rewards.answer)}, best that does not refuse ${signed(rewards.other)}: gap ${signed(gap)}`,
      frame.columns,
      '  ',
    ),
    ...wrap(
      ` compared with ${frame.paint.key(shortId(other.id))} ${quotedOrErased(other.text)} (${whence})`,
      frame.columns,
      '   ',
    ),
    ...shareTableLines(
      {
        heading: '',
        difference: gap,
        residual: contrast.residual,
        principles: contrast.principles,
        human: contrast.human,
        humanName: humanName(contrast.human.who),
        ensemble: contrast.ensemble,
        retrained: contrast.retrained,
        most: Math.max(3, frame.rows - otherRows),
      },
      frame,
    ),
    '',
  ]
}

const taughtBy = (contrast: Contrast, frame: Frame): string[] => {
  const { taughtBy: labels, humanLabelsOnRedTeam, human } = contrast
  if (labels.length === 0) return []
  return [
    frame.paint.strong('LABELS THAT TAUGHT IT'),
    ...labels
      .slice(0, 3)
      .flatMap((label) =>
        strongLabelLines(
          label,
          frame,
          label.principle === 'human' ? humanName(human.who) : visible(label.principle),
        ),
      ),
    ...(humanLabelsOnRedTeam > 0
      ? wrap(
          ` ${counted(humanLabelsOnRedTeam, 'helpfulness labels')} of this set are on red-team prompts`,
          frame.columns,
          '   ',
        )
      : []),
    '',
  ]
}

const hintsOf = ({ answer, contrast }: Why): string[] => {
  if (contrast === undefined) return [`show ${shortId(answer.id)}`]
  const [first] = contrast.principles
    .filter(({ key }) => !contrast.retrained.some(({ without }) => without === key))
    .toSorted((a, b) => a.withoutItsLabels - b.withoutItsLabels)
  const [label] = contrast.taughtBy
  return [
    ...(first === undefined ? [] : [`why ${shortId(answer.id)} --retrain ${visible(first.key)}`]),
    ...(label === undefined ? [] : [`show ${shortId(label.id)}`]),
    'run --constitution FILE',
  ]
}

/** Why an answer was paid for, by contrast with one that did not refuse. */
export const whyPage = (why: Why, frame: Frame): string[] => {
  const { columns, paint } = frame
  const { answer, training, contrast } = why
  const { classified } = answer
  const about = [
    ...(training === undefined ? [] : [`${visible(training.name)} step ${training.step}`]),
    promptKind(answer.prompt),
    ...(classified === undefined
      ? ['nobody classified it']
      : [
          `classed by ${visible(classified.scorer)}${
            classified.start === undefined || classified.end === undefined
              ? ''
              : ` (words ${classified.start}-${classified.end})`
          }`,
        ]),
  ]
  return [
    ...wrap(
      [paint.strong(`why ${shortId(answer.id)}`), ...behaviourOf(answer), quotedOrErased(answer.text)].join(
        ' · ',
      ),
      columns,
      '    ',
    ),
    ...wrap(`prompt ${quotedOrErased(answer.prompt.text)}`, columns, '    '),
    ...flow(about, ' · ', columns),
    '',
    ...sinceWhen(why, frame),
    ...(contrast === undefined
      ? [...wrap(`${paint.strong('NO CONTRAST')}   ${visible(why.noContrast ?? '')}`, columns, '  '), '']
      : [...paidFor(why, contrast, frame), ...taughtBy(contrast, frame)]),
    ...trustLines(why.trust, frame),
    ...flow(
      why.limits.map((limit) => visible(limit)),
      ' · ',
      columns,
      '  ',
    ),
    ...hintLines(hintsOf(why), frame),
  ]
}
