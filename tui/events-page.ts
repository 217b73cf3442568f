import type { EventListing, EventsAsked, ListedEvent } from '../lineage/events-query.ts'
import type { Frame } from './frame.ts'
import { hintLines } from './hints.ts'
import { shortId } from './ids.ts'
import { counted, signed } from './numbers.ts'
import { quotedOrErased } from './strong-labels.ts'
import { tableLines } from './tables.ts'
import { visible } from './visible.ts'
import { wrap } from './width.ts'

/** What an event says, in a few words. */
export const saying = (event: ListedEvent): string => {
  if (event.status === 'failed') return `failed: ${visible(event.reason ?? 'no reason given')}`
  if (event.value !== undefined) return signed(event.value)
  return event.text === undefined ? '' : quotedOrErased(event.text)
}

/** The time of day, as the host that wrote it said. */
const clock = (time: string | undefined): string => (time === undefined ? '–' : visible(time).slice(11, 19))

/** The latest events, the last one last. */
export const eventsPage = (listing: EventListing, asked: EventsAsked, frame: Frame): string[] => {
  const { events, more } = listing
  const { paint } = frame
  if (events.length === 0)
    return [
      ...wrap(
        `no event${asked.type === undefined ? '' : ` of type ${visible(asked.type)}`}${asked.run === undefined ? '' : ` in run ${visible(asked.run)}`}`,
        frame.columns,
        '  ',
      ),
      ...hintLines(['events', 'runs'], frame),
    ]
  const last = events.at(-1)
  return [
    ...tableLines(
      [
        { title: 'event', cell: (event: ListedEvent) => paint.key(shortId(event.id)) },
        { title: 'type', cell: (event) => visible(event.type) },
        { title: 'round', cell: (event) => String(event.round), align: 'right', leaveOut: 1 },
        { title: 'by', cell: (event) => visible(event.plugin), leaveOut: 2 },
        { title: 'at', cell: (event) => `${event.partition}:${event.offset}`, align: 'right', leaveOut: 4 },
        { title: 'time', cell: (event) => clock(event.time), leaveOut: 3 },
        { title: 'says', cell: saying, flexible: true, least: 24 },
      ],
      events,
      frame.columns,
      paint,
    ),
    ...(more ? [paint.dim(`the latest ${counted(events.length, 'events')}; --limit shows more`)] : []),
    '',
    ...hintLines(last === undefined ? [] : [`show ${shortId(last.id)}`], frame),
  ]
}
