import type { Shown } from '../lineage/show.ts'
import { saying } from './events-page.ts'
import { compact } from './compact-value.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, grouped } from './numbers.ts'
import { tableLines } from './tables.ts'
import { trustLines } from './trust-line.ts'
import { visible, visibleLines } from './visible.ts'
import { clip, flow, wrap } from './width.ts'

/** Lines of a text that are shown; the rest is one `--json` away. */
const mostTextLines = 24

/** Fields under a heading, one a line. */
const fieldLines = (heading: string, fields: object, { columns, paint }: Frame): string[] => {
  const entries = Object.entries(fields)
  if (entries.length === 0) return []
  return [
    paint.strong(heading),
    ...entries.flatMap(([key, value]) => {
      const line = ` ${visible(key)}  ${compact(value)}`
      return line.length > columns * 6 ? [clip(line, columns)] : wrap(line, columns, '   ')
    }),
  ]
}

const textLines = (texts: Shown['texts'], { columns, paint }: Frame): string[] =>
  texts.flatMap(({ digest, bytes, text }) => {
    const head = `${paint.strong('TEXT')} ${shortId(digest)}… ${counted(bytes, 'bytes')}`
    if (text === null) return [`${head}: erased, or never stored here`]
    const lines = visibleLines(text).flatMap((line) => wrap(line, columns - 2))
    const shown = lines.slice(0, mostTextLines).map((line) => `${paint.dim('│')} ${line}`)
    const left = lines.length - shown.length
    return [
      head,
      ...shown,
      ...(left > 0 ? [paint.dim(`  ${counted(left, 'lines')} more: --json has them`)] : []),
    ]
  })

const relatives = (shown: Shown, frame: Frame): string[] => {
  const { parents, children } = shown
  const { columns, paint } = frame
  const parentLines =
    parents.count === 0
      ? []
      : [
          paint.strong('RESTS ON'),
          ...tableLines(
            [
              { title: '', cell: ({ role }) => ` ${visible(role)}` },
              { title: '', cell: ({ id }) => paint.key(shortId(id)) },
              {
                title: '',
                cell: ({ event }) => (event === null ? paint.bad('MISSING') : visible(event.type)),
              },
              { title: '', cell: ({ event }) => (event === null ? '' : saying(event)), flexible: true },
            ],
            parents.first,
            columns,
            paint,
          ),
          ...(parents.count > parents.first.length
            ? [paint.dim(` and ${grouped(parents.count - parents.first.length)} more`)]
            : []),
        ]
  const childLines =
    children.byRole.length === 0
      ? []
      : [
          ...flow(
            [
              paint.strong('USED BY'),
              ...children.byRole.map(
                ({ type, role, count }) => `${grouped(count)} ${visible(type)} (as ${visible(role)})`,
              ),
            ],
            '  ',
            columns,
            '  ',
          ),
          ...tableLines(
            [
              { title: '', cell: ({ id }) => ` ${paint.key(shortId(id))}` },
              { title: '', cell: ({ type }) => visible(type) },
              { title: '', cell: saying, flexible: true },
            ],
            children.first.slice(0, 5),
            columns,
            paint,
          ),
        ]
  return [...parentLines, ...childLines]
}

const hashLine = ({ hash, id }: Shown, paint: Frame['paint']): string =>
  hash.equal
    ? `sha-256 of its ${grouped(hash.bytes)} bytes is its id: ${paint.good('checked just now')}`
    : `${paint.bad('DAMAGED')}: its ${grouped(hash.bytes)} bytes have the sha-256 ${shortId(hash.recomputed)}…, not ${shortId(id)}…`

/** One event, whole. */
export const eventPage = (shown: Shown, frame: Frame): string[] => {
  const { columns, paint } = frame
  const { fields, position, recipe, meta } = shown
  const failed = fields?.out.status === 'failed'
  const { status: _status, ...out } = fields?.out ?? { status: 'ok' }
  const time = meta['ce_time']
  const first = shown.parents.first[0]
  const [child] = shown.children.first
  return [
    ...wrap(
      `${paint.strong(`${visible(shown.type)} ${shortId(shown.id)}`)} v${shown.v}${failed ? ` ${paint.bad('FAILED')}` : ''} · ${visible(shown.meaning ?? 'a type that this hansard does not know')}`,
      columns,
      '  ',
    ),
    paint.key(clip(shown.id, columns)),
    ...(fields === null
      ? []
      : flow(
          [
            `by ${visible(fields.by.plugin)} (behaviour ${shortId(fields.by.behaviour)})`,
            `about ${/^[0-9a-f]{64}$/.test(fields.draw.subject) ? shortId(fields.draw.subject) : visible(fields.draw.subject)}`,
            `round ${fields.draw.round}, i ${fields.draw.i}`,
            ...(fields.draw.seed === undefined ? [] : [`seed ${fields.draw.seed}`]),
          ],
          ' · ',
          columns,
        )),
    '',
    ...(fields === null
      ? []
      : [...fieldLines('ASKED', fields.params, frame), ...fieldLines('CAME BACK', out, frame)]),
    ...textLines(shown.texts, frame),
    ...relatives(shown, frame),
    '',
    ...wrap(hashLine(shown, paint), columns, '  '),
    ...flow(
      [
        `${visible(position.topic)} ${position.partition}:${position.offset}`,
        ...(time === undefined ? [] : [`written ${visible(time)}, as its host says`]),
        recipe.diverged.length === 0
          ? `the answer to recipe ${shortId(recipe.id)}`
          : paint.warn(
              `recipe ${shortId(recipe.id)} was answered otherwise as well: ${counted(recipe.diverged.length, 'events')} that count for nothing`,
            ),
      ],
      ' · ',
      columns,
      '  ',
    ),
    ...trustLines(shown.trust, frame),
    ...hintLines(
      [
        ...(shown.type === 'reward.scored' ? [`trace ${shortId(shown.id)}`] : []),
        ...(shown.type === 'rollout.drawn' ? [`why ${shortId(shown.id)}`] : []),
        ...(first === undefined ? [] : [`show ${shortId(first.id)}`]),
        ...(child === undefined ? [] : [`show ${shortId(child.id)}`]),
      ],
      frame,
    ),
  ]
}
