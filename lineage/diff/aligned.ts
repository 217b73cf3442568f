import type { Pool } from 'pg'
import type { EventId } from '../../events/event.ts'
import { digestArray } from '../../events/postgres/binary-array.ts'
import { textArray } from '../postgres-arrays.ts'

/** An act of one run at a place. */
export interface AlignedAct {
  readonly id: EventId
  readonly status: 'ok' | 'failed'
  /** Digests of the texts that it names, one after the other. */
  readonly texts: string
  readonly principle: EventId | undefined
  /** The parent of the role asked for (its pair, its answer). */
  readonly about: EventId | undefined
}

/** One place, and what either run did there; at least one did something. */
export interface Aligned {
  readonly subject: string
  readonly round: number
  readonly i: number
  readonly type: string
  readonly a: AlignedAct | undefined
  readonly b: AlignedAct | undefined
}

export interface AlignRequest {
  /** Leaves of the sets of the stages to compare. */
  readonly a: readonly EventId[]
  readonly b: readonly EventId[]
  readonly types: readonly string[]
  /** Role of the parent to be given as `about`. */
  readonly about?: string
  /** Keys of both runs' principles by id: where a place has several acts of one type, these tell them apart. */
  readonly keys: ReadonlyMap<EventId, string>
}

const batchRows = 5_000

/**
 * Aligns the acts of two runs by type and place, in batches. Postgres joins the sides by hash or merge, so the work is
 * n·log n at most, and the memory here one batch.
 */
export async function* aligned(pool: Pool, request: AlignRequest): AsyncGenerator<readonly Aligned[]> {
  const client = await pool.connect()
  let whole = false
  try {
    // All rows are wanted, not the first few; and the planner takes the sides, which are windows over sets, for tiny ones.
    await client.query(
      `begin read only; set local cursor_tuple_fraction = 1; set local enable_nestloop = off; set local work_mem = '64MB'`,
    )
    await client.query({ text: `declare aligned cursor for ${alignSql}`, values: parametersOf(request) })
    for (;;) {
      const { rows } = await client.query<AlignedRow>(`fetch ${batchRows} from aligned`)
      if (rows.length === 0) break
      yield rows.map(alignedOf)
    }
    await client.query('commit')
    whole = true
  } finally {
    // A reader that has seen enough leaves an open transaction: its session is closed.
    client.release(!whole)
  }
}

/**
 * One run's acts. `n` tells apart what shares type and place: labels of an ensemble by their principle's key, all else by
 * the order of ids.
 */
const side = (leaves: number): string => `
  select id, type, subject, round, i, status, texts, principle, about,
    row_number() over (partition by type, subject, round, i, disc order by id) as n, disc
  from (
    select n.*, p.parent as principle, x.parent as about,
      case when count(*) over (partition by n.type, n.subject, n.round, n.i) > 1 then coalesce(k.key, '') else '' end as disc
    from projection.nodes n
      left join lateral (
        select parent from projection.edges where child = n.id and role = 'principle' order by pos limit 1) p on true
      left join unnest($3::bytea[], $4::text[]) k(id, key) on k.id = p.parent
      left join lateral (select parent from projection.edges where child = n.id and role = $5 order by pos limit 1) x on true
    where n.type = any($6::text[])
      and n.id in (select parent from projection.edges where child = any($${leaves}::bytea[]) and role = 'child')
  ) acts`

const columns = (of: 'a' | 'b'): string =>
  `encode(${of}.id, 'hex') as ${of}_id, ${of}.status as ${of}_status, encode(${of}.texts, 'hex') as ${of}_texts,
    encode(${of}.principle, 'hex') as ${of}_principle, encode(${of}.about, 'hex') as ${of}_about`

const alignSql = `
  select coalesce(a.type, b.type) as type, coalesce(a.subject, b.subject) as subject,
    coalesce(a.round, b.round) as round, coalesce(a.i, b.i) as i, ${columns('a')}, ${columns('b')}
  from (${side(1)}) a full join (${side(2)}) b
    on a.type = b.type and a.subject = b.subject and a.round = b.round and a.i = b.i and a.disc = b.disc and a.n = b.n`

const parametersOf = ({ a, b, types, about, keys }: AlignRequest): unknown[] => [
  digestArray(a),
  digestArray(b),
  digestArray([...keys.keys()]),
  textArray([...keys.values()]),
  about ?? '',
  textArray(types),
]

type Columns<S extends 'a' | 'b'> = {
  readonly [K in 'id' | 'status' | 'texts' | 'principle' | 'about' as `${S}_${K}`]: string | null
}
type AlignedRow = Columns<'a'> &
  Columns<'b'> & {
    readonly type: string
    readonly subject: string
    readonly round: string
    readonly i: string
  }

const alignedOf = (row: AlignedRow): Aligned => ({
  subject: row.subject,
  round: Number(row.round),
  i: Number(row.i),
  type: row.type,
  a: actOf(row.a_id, row.a_status, row.a_texts, row.a_principle, row.a_about),
  b: actOf(row.b_id, row.b_status, row.b_texts, row.b_principle, row.b_about),
})

const actOf = (
  id: string | null,
  status: string | null,
  texts: string | null,
  principle: string | null,
  about: string | null,
): AlignedAct | undefined =>
  id === null
    ? undefined
    : {
        id,
        status: status === 'ok' ? 'ok' : 'failed',
        texts: texts ?? '',
        principle: principle ?? undefined,
        about: about ?? undefined,
      }
