import type { Pool } from 'pg'
import type { Digest, EventId, RecipeId } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { constitutionPublished, runSealed, runStarted, stageClosed } from '../events/vocabulary/governance.ts'
import { Graph } from './graph.ts'
import type { GraphNode } from './graph-rows.ts'
import { timeOf } from './id-prefix.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import { eventsOfRun, membersOfRun, type RunMembers, runParameters } from './run-members.ts'

/** One run, as `hansard runs --json` lists it. */
export interface RunSummary {
  /** The run's id: the recipe of its run.started. */
  readonly id: RecipeId
  /** Its run.started. */
  readonly event: EventId
  /** `sealed`, or `open`: going on or stopped, which the record alone cannot tell. */
  readonly state: 'sealed' | 'open'
  /** When it began and ended, as the hosts say. */
  readonly started: string | undefined
  readonly ended: string | undefined
  /** Name and seed of its settings. */
  readonly name: string | undefined
  readonly seed: number | undefined
  readonly constitution: RunConstitution | undefined
  readonly seal: Digest | undefined
  /** Events under the seal; while it is open, those known to be its own so far. */
  readonly events: number
  /** Names of the stages that are closed, in the order of closing. */
  readonly stages: readonly string[]
  /** Events by type, and how many of them failed; absent where they were not asked for. */
  readonly figures?: RunFigures
}

export interface RunConstitution {
  readonly id: EventId
  readonly name: string
  readonly version: string
  readonly principles: number
}

export interface RunFigures {
  readonly byType: { readonly [type: string]: number }
  readonly failed: number
}

export interface RunsHome {
  readonly pool: Pool
  readonly memo: Memo
}

/**
 * The runs of a home, newest first.
 * @param figures whether to count each run's events by type: half a second for a hundred thousand events
 */
export const listRuns = async (
  home: RunsHome,
  options: { readonly figures?: boolean; readonly limit?: number } = {},
): Promise<readonly RunSummary[]> => {
  const graph = new Graph(home.pool)
  const started = await graph.byType('run.started', { limit: options.limit ?? 10_000 })
  const runs: RunSummary[] = []
  for (const node of started.toReversed()) {
    const members = await membersOfRun(home.pool, node.recipe, node.id)
    runs.push(await summaryOf(home, graph, node, members, options.figures ?? true))
  }
  return runs
}

/** One run. */
export const summariseRun = async (
  home: RunsHome,
  members: RunMembers,
  figures = true,
): Promise<RunSummary> => {
  const graph = new Graph(home.pool)
  return summaryOf(home, graph, (await graph.node(members.started))!, members, figures)
}

const summaryOf = async (
  { pool, memo }: RunsHome,
  graph: Graph,
  node: GraphNode,
  members: RunMembers,
  wantsFigures: boolean,
): Promise<RunSummary> => {
  const stages = members.stages.map(({ closed }) => closed)
  const [started, sealed, ...closed] = await memo.events([node.id, members.sealed ?? node.id, ...stages])
  const sealedNode = members.sealed === undefined ? undefined : await graph.node(members.sealed)
  const outcome =
    sealed === undefined || members.sealed === undefined ? undefined : outcomeOf(runSealed, sealed.event)
  const settings = started === undefined ? {} : paramsOf(runStarted, started.event).settings
  const figures = wantsFigures || outcome === undefined ? await figuresOf(pool, members) : undefined
  return {
    id: members.run,
    event: members.started,
    state: members.sealed === undefined ? 'open' : 'sealed',
    started: timeOf(node.meta),
    ended: sealedNode === undefined ? undefined : timeOf(sealedNode.meta),
    name: stringIn(settings, 'name'),
    seed: typeof settings['seed'] === 'number' ? settings['seed'] : undefined,
    constitution: await constitutionOf(memo, started?.event.parents[0]?.id),
    seal: outcome?.seal,
    events: outcome?.events ?? Object.values(figures!.byType).reduce((sum, count) => sum + count, 0),
    stages: closed.flatMap((event) =>
      event === undefined ? [] : [paramsOf(stageClosed, event.event).stage],
    ),
    ...(wantsFigures ? { figures: figures! } : {}),
  }
}

const stringIn = (settings: { readonly [key: string]: unknown }, key: string): string | undefined => {
  const value = settings[key]
  return typeof value === 'string' ? value : undefined
}

const constitutionOf = async (memo: Memo, id: EventId | undefined): Promise<RunConstitution | undefined> => {
  const [recorded] = id === undefined ? [] : await memo.events([id])
  if (recorded === undefined || recorded.event.type !== constitutionPublished.type) return undefined
  const { name, version } = paramsOf(constitutionPublished, recorded.event)
  return { id: recorded.id, name, version, principles: recorded.event.parents.length }
}

const figuresOf = async (pool: Pool, run: RunMembers): Promise<RunFigures> => {
  const { rows } = await pool.query<{ type: string; count: string; failed: string }>(
    `select type, count(*) as count, count(*) filter (where status = 'failed') as failed
      from projection.nodes n where ${eventsOfRun(run, 1)} group by type order by type`,
    runParameters(run),
  )
  return {
    byType: Object.fromEntries(rows.map(({ type, count }) => [type, Number(count)])),
    failed: rows.reduce((sum, { failed }) => sum + Number(failed), 0),
  }
}
