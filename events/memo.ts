import type { Digest, EventId, RecipeId, Recorded } from './event.ts'

export interface Position {
  readonly partition: number
  readonly offset: number
}

/** What was asked before, and what is where: the index beside the log. Lookups take batches and keep their order. */
export interface Memo {
  /** The answer to each recipe, or undefined where nobody asked yet. */
  answers(recipes: readonly RecipeId[]): Promise<readonly (Recorded | undefined)[]>
  events(ids: readonly EventId[]): Promise<readonly (Recorded | undefined)[]>
  positions(ids: readonly EventId[]): Promise<readonly (Position | undefined)[]>
  /** Texts by digest; undefined where a text was erased or never stored. */
  texts(digests: readonly Digest[]): Promise<readonly (string | undefined)[]>
  /** Ids that start with a hexadecimal prefix, at most `limit`, ascending. */
  idsWithPrefix(prefix: string, limit: number): Promise<readonly EventId[]>
}
