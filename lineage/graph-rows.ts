import type { EventId, Meta, RecipeId } from '../events/event.ts'

/** An event as the projection knows it; its values and texts are the memo's. */
export interface GraphNode {
  readonly id: EventId
  readonly recipe: RecipeId
  readonly type: string
  readonly v: number
  readonly subject: string
  readonly round: number
  readonly i: number
  readonly status: 'ok' | 'failed'
  /** Why it failed. */
  readonly reason?: string
  /** Name of the plugin that answered. */
  readonly plugin: string
  readonly partition: number
  readonly offset: number
  /** The order in which the projection met it: for pages, and no part of the record. */
  readonly seq: number
  /** Headers that differ between two honest executions (`ce_time`, `ce_run` …). */
  readonly meta: Meta
}

/** One edge: the child rests on the parent. `pos` is its place among the child's parents. */
export interface Edge {
  readonly child: EventId
  readonly parent: EventId
  readonly role: string
  readonly pos: number
}

/** Columns of `projection.nodes n` as `nodeOf` reads them. */
export const nodeColumns = `encode(n.id, 'hex') as id, encode(n.recipe, 'hex') as recipe, n.type, n.v, n.subject,
  n.round, n.i, n.status, n.reason, n.by_plugin, n.partition, n.off, n.seq, n.meta`

export interface NodeRow {
  readonly id: string
  readonly recipe: string
  readonly type: string
  readonly v: number
  readonly subject: string
  readonly round: string
  readonly i: string
  readonly status: 'ok' | 'failed'
  readonly reason: string | null
  readonly by_plugin: string
  readonly partition: number
  readonly off: string
  readonly seq: string
  readonly meta: string
}

export const nodeOf = (row: NodeRow): GraphNode => ({
  id: row.id,
  recipe: row.recipe,
  type: row.type,
  v: row.v,
  subject: row.subject,
  round: Number(row.round),
  i: Number(row.i),
  status: row.status,
  ...(row.reason === null ? {} : { reason: row.reason }),
  plugin: row.by_plugin,
  partition: row.partition,
  offset: Number(row.off),
  seq: Number(row.seq),
  meta: JSON.parse(row.meta) as Meta,
})
