import type { StrongLabel } from '../lineage/trace-types.ts'
import type { Frame } from './frame.ts'
import { shortId } from './ids.ts'
import { fixed } from './numbers.ts'
import { quoted } from './visible.ts'
import { clip, width } from './width.ts'

export const quotedOrErased = (text: string | null): string =>
  text === null ? '(text erased)' : quoted(text)

/** The label's probability of the answer that it prefers, and what each order said of that answer. */
const certainty = (label: StrongLabel): string => {
  const firstChosen = label.probabilityFirst >= 0.5
  const ofChosen = (probabilityFirst: number): number =>
    firstChosen ? probabilityFirst : 1 - probabilityFirst
  const orders = label.orders.map(({ probabilityFirst }) => ofChosen(probabilityFirst))
  const spread = orders.length > 1 ? Math.abs((orders[0] ?? 0) - (orders[1] ?? 0)) : 0
  const agreement =
    orders.length < 2
      ? ''
      : !label.ordersAgree
        ? ` (orders DISAGREE: ${orders.map((p) => fixed(p)).join(', ')})`
        : spread < 0.05
          ? ' (both orders agree)'
          : ` (orders ${orders.map((p) => fixed(p)).join(', ')})`
  return `P ${fixed(ofChosen(label.probabilityFirst))}${agreement}`
}

/** A label: its certainty and the two answers, on one line where there is room, else on two. */
export const strongLabelLines = (
  label: StrongLabel,
  { columns, paint }: Frame,
  named: string = '',
): string[] => {
  const head = ` ${paint.key(shortId(label.id))} ${named === '' ? '' : `${named} `}${certainty(label)}`
  const chosen = quotedOrErased(label.chosen)
  const rejected = quotedOrErased(label.rejected)
  const joined = `${chosen}  over  ${rejected}`
  if (width(head) + 2 + width(joined) <= columns) return [`${head}  ${joined}`]
  const room = columns - 3 - width('  over  ')
  // Both are cut alike, but what one does not need the other may use.
  const forChosen = Math.max(Math.floor(room / 2), room - width(rejected))
  const cut = (text: string, most: number): string =>
    width(text) <= most ? text : text.endsWith('"') ? `${clip(text, most - 1)}"` : clip(text, most)
  const shownChosen = cut(chosen, forChosen)
  return [clip(head, columns), `   ${shownChosen}  over  ${cut(rejected, room - width(shownChosen))}`]
}
