import type { Pool } from 'pg'
import type { Digest, EventId, Recorded } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { type GraphNode, nodeColumns, nodeOf, type NodeRow } from './graph-rows.ts'
import { timeOf } from './id-prefix.ts'
import { eventsUndamaged } from './undamaged.ts'
import { textsNamed } from './named-bytes.ts'
import { eventsOfRun, findRun, runParameters } from './run-members.ts'

/** One event, as `hansard events --json` lists it. */
export interface ListedEvent {
  readonly id: EventId
  readonly type: string
  readonly status: 'ok' | 'failed'
  /** Why it failed. */
  readonly reason?: string
  readonly subject: string
  readonly round: number
  readonly i: number
  /** Name of the plugin that answered. */
  readonly plugin: string
  readonly partition: number
  readonly offset: number
  /** When, as the host says. */
  readonly time?: string
  /** Its answer's text (a principle's or template's own); null where the text is gone. */
  readonly text?: string | null
  /** The value of a reward. */
  readonly value?: number
}

export interface EventsAsked {
  /** A run's id or any unique beginning of it. */
  readonly run?: string
  readonly type?: string
  /** Events at most: the latest. */
  readonly limit: number
}

export interface EventListing {
  /** In the order in which the projection met them: the last one is the latest. */
  readonly events: readonly ListedEvent[]
  /** Whether there are earlier ones that were not listed. */
  readonly more: boolean
}

/**
 * The latest events of a home, of a run, of a type.
 * @throws NoSuchEvent or AmbiguousId where the run is not to be found
 */
export const listEvents = async (
  home: { readonly pool: Pool; readonly memo: Memo },
  asked: EventsAsked,
): Promise<EventListing> => {
  const run = asked.run === undefined ? undefined : await findRun(home.pool, asked.run)
  const { rows } = await home.pool.query<NodeRow>(
    `select ${nodeColumns} from projection.nodes n
      where ($2::text is null or type = $2) ${run === undefined ? '' : `and ${eventsOfRun(run, 3)}`}
      order by seq desc limit $1`,
    [asked.limit + 1, asked.type ?? null, ...(run === undefined ? [] : runParameters(run))],
  )
  const nodes = rows.slice(0, asked.limit).map(nodeOf).toReversed()
  return { events: await describe(home.memo, nodes), more: rows.length > asked.limit }
}

/** Nodes with what a line about each can show. */
export const describe = async (memo: Memo, nodes: readonly GraphNode[]): Promise<readonly ListedEvent[]> => {
  const events = await eventsUndamaged(
    memo,
    nodes.map(({ id }) => id),
  )
  const digests = events.map(textToShow)
  const wanted = [...new Set(digests.filter((digest) => digest !== undefined))]
  const found = await memo.texts(wanted)
  const texts = new Map(wanted.map((digest, k) => [digest, found[k] ?? null]))
  return nodes.map((node, k) => {
    const { id, type, status, reason, subject, round, i, plugin, partition, offset } = node
    const time = timeOf(node.meta)
    const digest = digests[k]
    const value = events[k]?.event.out['value']
    return {
      id,
      type,
      status,
      ...(reason === undefined ? {} : { reason }),
      subject,
      round,
      i,
      plugin,
      partition,
      offset,
      ...(time === undefined ? {} : { time }),
      ...(digest === undefined ? {} : { text: texts.get(digest)! }),
      ...(typeof value === 'number' ? { value } : {}),
    }
  })
}

const textToShow = (recorded: Recorded | undefined): Digest | undefined =>
  recorded === undefined ? undefined : textsNamed(recorded.event)[0]?.digest
