import type { Pool } from 'pg'
import type { EventId, RecipeId } from '../../events/event.ts'
import { digestArray } from '../../events/postgres/binary-array.ts'

/** What the index beside a record says of it. */
export interface Claim {
  readonly id: EventId
  readonly recipe: RecipeId
  /** Whether it is the answer to its recipe. */
  readonly answer: boolean
}

/** What the database's index says of a part of a partition, by offset. */
export const claimsOf = async (
  pool: Pool,
  partition: number,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Claim>> => {
  const { rows } = await pool.query<{ off: string; id: string; recipe: string; answer: boolean }>(
    `select off, encode(id, 'hex') as id, encode(recipe, 'hex') as recipe, answer from record.records
      where partition = $1 and off >= $2 and off <= $3`,
    [partition, from, to],
  )
  return new Map(rows.map(({ off, id, recipe, answer }) => [Number(off), { id, recipe, answer }]))
}

/** Those of some recipes that have no answer. */
export const unanswered = async (
  pool: Pool,
  recipes: readonly RecipeId[],
): Promise<ReadonlySet<RecipeId>> => {
  if (recipes.length === 0) return new Set()
  const { rows } = await pool.query<{ recipe: string }>(
    `select encode(w.recipe, 'hex') as recipe from unnest($1::bytea[]) w(recipe)
      where not exists (select from record.records r where r.answer and r.recipe = w.recipe)`,
    [digestArray(recipes)],
  )
  return new Set(rows.map(({ recipe }) => recipe))
}
