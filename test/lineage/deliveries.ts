import type { LogRecord } from '../../events/log.ts'
import { encodeCanonical } from '../../events/canonical.ts'
import type { Json, Meta } from '../../events/event.ts'
import { chance } from './fixture-words.ts'
import type { FixtureRecorder } from './fixture-recorder.ts'

const partitions = 3

/** The records of a fixture as some log would deliver them, each once, offsets ascending in their partition. */
export const recordsOf = ({ entries }: FixtureRecorder): readonly LogRecord[] => {
  const next = Array.from<number>({ length: partitions }).fill(0)
  const seen = new Set<string>()
  return entries.flatMap(({ recorded, meta }) => {
    if (seen.has(recorded.id)) return []
    seen.add(recorded.id)
    const key = recorded.event.draw.subject
    const partition = chance(key) % partitions
    return [delivery(partition, next[partition]!++, recorded.bytes, { ...meta, ce_id: recorded.id }, key)]
  })
}

export const delivery = (
  partition: number,
  offset: number,
  value: Uint8Array,
  headers: Meta = {},
  key = '',
): LogRecord => ({ topic: 'events', partition, offset, key, headers, value })

/** The same items in an order that depends on a word alone. */
export const shuffled = <T>(items: readonly T[], word: string): readonly T[] =>
  items
    .map((item, at) => ({ item, key: chance(word, at) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)

export const bytesOf = (value: Json): Uint8Array => encodeCanonical(value)
