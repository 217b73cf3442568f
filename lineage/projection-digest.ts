import type { ClientBase } from 'pg'
import type { Digest } from '../events/event.ts'
import { sha256Hex } from '../events/canonical.ts'

/** What a projection holds. Equal digests: the same nodes, edges and poison, whatever the order in which records came. */
export interface ProjectionDigest {
  readonly digest: Digest
  readonly nodes: number
  readonly edges: number
  readonly quarantined: number
}

/**
 * Digest of a projection, leaving out what depends on the order or the place of deliveries (`seq`, partition, offset).
 * Rows are hashed in 256 groups by the first byte of their key, so that Postgres never holds all of them at once.
 */
export const projectionDigest = async (client: ClientBase, schema: string): Promise<ProjectionDigest> => {
  const nodes = await digestOf(
    client,
    `${schema}.nodes`,
    'id',
    `id || recipe || coalesce(texts, ''::bytea) || convert_to(concat_ws(' ', type, v, round, i, status,
      coalesce(reason, '-'), depth, octet_length(subject), subject, octet_length(by_plugin), by_plugin, meta), 'UTF8')`,
    'id',
  )
  const edges = await digestOf(
    client,
    `${schema}.edges`,
    'child',
    `child || parent || convert_to(concat_ws(' ', pos, role), 'UTF8')`,
    'child, pos',
  )
  const quarantined = await digestOf(
    client,
    `(select distinct reason, digest, bytes from ${schema}.quarantine) as quarantine`,
    'digest',
    `digest || convert_to(concat_ws(' ', reason, bytes), 'UTF8')`,
    'digest',
  )
  return {
    digest: sha256Hex(nodes.digest + edges.digest + quarantined.digest),
    nodes: nodes.rows,
    edges: edges.rows,
    quarantined: quarantined.rows,
  }
}

const digestOf = async (
  client: ClientBase,
  from: string,
  key: string,
  line: string,
  order: string,
): Promise<{ readonly digest: Digest; readonly rows: number }> => {
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `select get_byte(${key}, 0) as first, count(*) as rows,
        encode(sha256(string_agg(sha256(${line}), ''::bytea order by ${order})), 'hex') as digest
      from ${from} group by first order by first`,
  )
  return {
    digest: sha256Hex(rows.map(({ digest }) => digest).join('')),
    rows: rows.reduce((sum, { rows: count }) => sum + Number(count), 0),
  }
}
