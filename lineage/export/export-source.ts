import type { Pool } from 'pg'
import type { EventId, Recorded } from '../../events/event.ts'
import type { Memo } from '../../events/memo.ts'
import { setMembers } from '../../events/sets.ts'
import { trainStarted } from '../../events/vocabulary/training.ts'
import type { Turn } from '../../plugins/api.ts'
import { Graph } from '../graph.ts'
import { paramsOf } from '../outcome.ts'
import { parentOf } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { MissingFromRecord } from '../trace-errors.ts'

/** What an export reads, and what it had to leave out. */
export interface ExportSource {
  readonly pool: Pool
  readonly memo: Memo
  readonly run: RunMembers
  /** Rows that could not be written since a text of theirs is gone. */
  readonly leftOut: { erased: number }
}

/** Rows for which events and texts are fetched at once. */
const batchRows = 1_000

/** Events of a run of one type, in the order in which they were recorded. */
export async function* eventsOfType(
  { pool, memo, run }: ExportSource,
  type: string,
): AsyncGenerator<readonly Recorded[]> {
  const graph = new Graph(pool)
  for (let after = 0; ;) {
    const nodes = await graph.byType(type, { run, after, limit: 5_000 })
    const last = nodes.at(-1)
    if (last === undefined) return
    after = last.seq
    for (let from = 0; from < nodes.length; from += batchRows)
      yield load(
        memo,
        nodes.slice(from, from + batchRows).map(({ id }) => id),
      )
  }
}

export const allOfType = async (source: ExportSource, type: string): Promise<readonly Recorded[]> => {
  const all: Recorded[] = []
  for await (const batch of eventsOfType(source, type)) all.push(...batch)
  return all
}

/** The members of a set in its order, in batches. */
export async function* membersInBatches(memo: Memo, set: EventId): AsyncGenerator<readonly Recorded[]> {
  let ids: EventId[] = []
  for await (const id of setMembers(set, (wanted) => memo.events(wanted))) {
    ids.push(id)
    if (ids.length < batchRows) continue
    yield await load(memo, ids)
    ids = []
  }
  if (ids.length > 0) yield await load(memo, ids)
}

/** @throws MissingFromRecord */
export const load = async (memo: Memo, ids: readonly EventId[]): Promise<readonly Recorded[]> =>
  (await memo.events(ids)).map((event, k) => {
    if (event === undefined) throw new MissingFromRecord(ids[k]!)
    return event
  })

/** The sets that the trainings of one method went through, each once, in the order of the trainings. */
export const trainedSets = async (
  source: ExportSource,
  method: 'sft' | 'preference',
): Promise<readonly EventId[]> => {
  const sets = new Set<EventId>()
  for (const started of await allOfType(source, trainStarted.type)) {
    const set = parentOf(started, 'set')
    if (paramsOf(trainStarted, started.event).method === method && set !== undefined) sets.add(set)
  }
  return [...sets]
}

/** The text of each event's `out.text`, null where it is gone; each text fetched once. */
export const textsOfEvents = async (
  memo: Memo,
  events: readonly Recorded[],
): Promise<ReadonlyMap<EventId, string | null>> => {
  const digests = new Map(
    events.flatMap(({ id, event }) => {
      const digest = (event.out['text'] as { readonly digest?: string } | undefined)?.digest
      return digest === undefined ? [] : [[id, digest] as const]
    }),
  )
  const wanted = [...new Set(digests.values())]
  const found = await memo.texts(wanted)
  const texts = new Map(wanted.map((digest, k) => [digest, found[k] ?? null]))
  return new Map([...digests].map(([id, digest]) => [id, texts.get(digest)!]))
}

/** A dialogue of several turns is recorded as canonical JSON; one user turn as its bare text. */
export const turnsOf = (prompt: Recorded, text: string): readonly Turn[] =>
  prompt.event.out['form'] === 'turns'
    ? (JSON.parse(text) as readonly Turn[])
    : [{ role: 'user', content: text }]

export const answerTurn = (content: string): readonly Turn[] => [{ role: 'assistant', content }]
