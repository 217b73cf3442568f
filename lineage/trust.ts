import type { Pool } from 'pg'
import type { EventId } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { modelRegistered } from '../events/vocabulary/governance.ts'
import type { Determinism } from '../plugins/api.ts'
import { type Closure, type ClosureLimits, closureOf } from './closure.ts'
import { outcomeOf } from './outcome.ts'
import { digestsOfPacked } from './postgres-arrays.ts'
import type { AsOf } from './projector.ts'

/** What an answer rests on, and what it does not know: the same object under every answer. */
export interface Trust {
  /** Nothing is missing, no limit ended the walk, and the projection holds all that the log does. */
  readonly complete: boolean
  /** Records that the answer knows of: the log up to here. */
  readonly asOf: number
  /** A limit of time or number ended the walk: there are more ancestors than were seen. */
  readonly truncated: boolean
  /** Ancestors that are named and not there. */
  readonly missingParents: number
  /** Texts of ancestors that are no longer there. */
  readonly erased: number
  /** No signed head covers it: hansard has no key yet. */
  readonly signed: boolean
  /** `run`: hansard saw every act; `imported`: some answer or comparison was read from a file. The weakest on the path. */
  readonly grade: 'run' | 'imported'
  /** How the models behind it repeat their answers: the weakest; `unknown` where no model is among the ancestors. */
  readonly determinism: Determinism | 'unknown'
  /** Ancestors that were seen. */
  readonly ancestors: number
  /** Some event is its own ancestor: no record can be, so the projection was tampered with. */
  readonly cyclic: boolean
}

export interface TrustSources {
  readonly pool: Pool
  readonly memo: Memo
}

/**
 * The trust of an answer that rests on some events and all their ancestors.
 * @param asOf how far the projection had come: what `project` gave
 */
export const trustOf = async (
  sources: TrustSources,
  asOf: AsOf,
  roots: readonly EventId[],
  limits: ClosureLimits = {},
): Promise<Trust> => trustOfClosure(sources, asOf, await closureOf(sources.pool, roots, limits))

export const trustOfClosure = async (
  { pool, memo }: TrustSources,
  asOf: AsOf,
  closure: Closure,
): Promise<Trust> => {
  const facts = await factsOf(pool, closure.ids)
  const { truncated, cyclic } = closure
  return {
    complete: !truncated && !cyclic && facts.missing === 0 && asOf.behind === 0,
    asOf: asOf.records,
    truncated,
    missingParents: facts.missing,
    erased: facts.erased,
    signed: false,
    grade: importedTypes.some((type) => facts.types.has(type)) ? 'imported' : 'run',
    determinism: await weakest(memo, facts.models),
    ancestors: closure.ids.length - closure.roots - facts.missing,
    cyclic,
  }
}

/** Acts that somebody else did; a prompt from a file is an input and no act. */
const importedTypes = ['label.imported', 'sample.imported'] as const

interface Facts {
  readonly missing: number
  readonly erased: number
  readonly types: ReadonlySet<string>
  /** Ids of model.registered. */
  readonly models: readonly EventId[]
}

/** Ids of one query. */
const lookups = 20_000

const factsOf = async (pool: Pool, ids: readonly EventId[]): Promise<Facts> => {
  const types = new Set<string>()
  const models: EventId[] = []
  const erased = new Set<string>()
  let present = 0
  for (let from = 0; from < ids.length; from += lookups) {
    const { rows } = await pool.query<{
      type: string
      count: string
      ids: string | null
      gone: string | null
    }>(
      `with seen as materialized (
          select n.id, n.type, n.texts from projection.nodes n where n.id = any($1::bytea[])),
        named as (
          select distinct substring(texts from 1 + 32 * k for 32) as digest
          from seen, generate_series(0, octet_length(texts) / 32 - 1) k),
        gone as (
          select encode(string_agg(digest, ''::bytea), 'hex') as digests from named
          where not exists (select from record.texts t where t.digest = named.digest))
        select type, count(*) as count,
          encode(string_agg(id, ''::bytea) filter (where type = $2), 'hex') as ids, (select digests from gone) as gone
        from seen group by type`,
      [digestArray(ids.slice(from, from + lookups)), modelRegistered.type],
    )
    for (const row of rows) {
      types.add(row.type)
      present += Number(row.count)
      models.push(...digestsOfPacked(row.ids))
    }
    for (const digest of digestsOfPacked(rows[0]?.gone ?? null)) erased.add(digest)
  }
  return { missing: ids.length - present, erased: erased.size, types, models }
}

const byWeakness: readonly Determinism[] = ['exact', 'batch-dependent', 'sampled']

const weakest = async (memo: Memo, models: readonly EventId[]): Promise<Trust['determinism']> => {
  let found = -1
  for (const recorded of await memo.events(models)) {
    const outcome = recorded === undefined ? undefined : outcomeOf(modelRegistered, recorded.event)
    if (outcome !== undefined) found = Math.max(found, byWeakness.indexOf(outcome.determinism))
  }
  return byWeakness[found] ?? 'unknown'
}
