import type { Pool } from 'pg'
import type { EventId } from '../../events/event.ts'
import type { Memo } from '../../events/memo.ts'
import type { StageGroups } from './stage-groups.ts'

/** What the parts of a comparison share. */
export interface ComparedRuns {
  readonly pool: Pool
  readonly memo: Memo
  readonly a: StageGroups
  readonly b: StageGroups
  /** Keys of both runs' principles by id. */
  readonly keys: ReadonlyMap<EventId, string>
}

/** Stages that both runs have closed, in the order of the first. */
export const sharedGroups = ({ a, b }: ComparedRuns): readonly string[] =>
  [...a.keys()].filter((name) => b.has(name))

/** Texts by digest, null where one is gone; packed digests stand for their first. */
export const textsOf = async (memo: Memo, packed: readonly string[]): Promise<readonly (string | null)[]> => {
  const digests = packed.map((digest) => digest.slice(0, 64))
  const wanted = [...new Set(digests.filter((digest) => digest !== ''))]
  const found = await memo.texts(wanted)
  const texts = new Map(wanted.map((digest, k) => [digest, found[k] ?? null]))
  return digests.map((digest) => texts.get(digest) ?? null)
}
