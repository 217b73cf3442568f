import type { Pool } from 'pg'
import type { Digest, EventId, Recorded } from '../events/event.ts'
import type { Memo } from '../events/memo.ts'
import { digestArray } from '../events/postgres/binary-array.ts'
import { runStarted } from '../events/vocabulary/governance.ts'
import { policyPublished } from '../events/vocabulary/reinforcement.ts'
import { chainDifference } from './diff/chain-difference.ts'
import type { ComparedRuns } from './diff/compared-runs.ts'
import { constitutionDifference, principlesIn } from './diff/constitution-difference.ts'
import { labelDifference } from './diff/label-difference.ts'
import { rewardDifference } from './diff/reward-difference.ts'
import { settingDifferences } from './diff/setting-differences.ts'
import { stageGroups } from './diff/stage-groups.ts'
import type { DiffedRun, NamedPrincipleRef, PolicyDifference, RunDiff } from './diff-types.ts'
import { Graph } from './graph.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import type { AsOf } from './projector.ts'
import { findRun, type RunMembers } from './run-members.ts'
import { summariseRun } from './runs.ts'
import { trustOf } from './trust.ts'

export interface DiffHome {
  readonly pool: Pool
  readonly memo: Memo
}

/**
 * Aligns two runs by place, so that the difference is their settings' and not that of new dice.
 * @param asked two runs by id or a unique beginning
 * @throws NoSuchEvent, AmbiguousId
 */
export const diffRuns = async (
  home: DiffHome,
  asOf: AsOf,
  asked: readonly [string, string],
): Promise<RunDiff> => {
  const { pool, memo } = home
  const runs = [await findRun(pool, asked[0]), await findRun(pool, asked[1])] as const
  const [a, b] = await Promise.all(runs.map((run) => sideOf(home, run)))
  const groups = await Promise.all(runs.map((run) => stageGroups(pool, memo, run)))
  const compared: ComparedRuns = {
    pool,
    memo,
    a: groups[0]!,
    b: groups[1]!,
    keys: new Map([...a!.principles, ...b!.principles].map(({ key, id }) => [id, key])),
  }
  return {
    a: a!.run,
    b: b!.run,
    settings: settingDifferences(settingsIn(a!.started), settingsIn(b!.started)),
    constitution: constitutionDifference(a!.principles, b!.principles),
    events: await sharedEvents(pool, runs[0], runs[1]),
    chains: await chainDifference(compared),
    labels: await labelDifference(compared),
    rewards: await rewardDifference(compared),
    policies: await policyDifferences(home, runs),
    stagesOnlyA: [...compared.a.keys()].filter((name) => !compared.b.has(name)),
    stagesOnlyB: [...compared.b.keys()].filter((name) => !compared.a.has(name)),
    trust: await trustOf(
      home,
      asOf,
      runs.map(({ sealed, started }) => sealed ?? started),
    ),
  }
}

interface Side {
  readonly run: DiffedRun
  readonly started: Recorded | undefined
  readonly principles: readonly NamedPrincipleRef[]
}

const sideOf = async (home: DiffHome, members: RunMembers): Promise<Side> => {
  const { id, name, seed, seal, constitution } = await summariseRun(home, members, false)
  const [started, published] = await home.memo.events([members.started, constitution?.id ?? members.started])
  const principles = published?.event.parents.filter(({ role }) => role === 'principle') ?? []
  return {
    run: { run: id, name, seed, seal, constitution },
    started,
    principles: principlesIn(await home.memo.events(principles.map((parent) => parent.id))),
  }
}

const settingsIn = (started: Recorded | undefined) =>
  started === undefined ? {} : (paramsOf(runStarted, started.event).settings as Recorded['event']['params'])

const sharedEvents = async (pool: Pool, a: RunMembers, b: RunMembers): Promise<RunDiff['events']> => {
  const { rows } = await pool.query<{ shared: string; a: string; b: string }>(
    `select count(a.id) filter (where b.id is not null) as shared, count(a.id) filter (where b.id is null) as a,
        count(b.id) filter (where a.id is null) as b
      from (select distinct parent as id from projection.edges where child = any($1::bytea[]) and role = 'child') a
        full join
          (select distinct parent as id from projection.edges where child = any($2::bytea[]) and role = 'child') b
        on a.id = b.id`,
    [digestArray(a.leaves), digestArray(b.leaves)],
  )
  const [row] = rows
  return { shared: Number(row!.shared), onlyA: Number(row!.a), onlyB: Number(row!.b) }
}

/** Published policies by name, in the order of publication. */
const policyDifferences = async (
  home: DiffHome,
  runs: readonly [RunMembers, RunMembers],
): Promise<readonly PolicyDifference[]> => {
  const [a, b] = [await policiesOf(home, runs[0]), await policiesOf(home, runs[1])]
  return [...new Set([...a.keys(), ...b.keys()])].map((name) => {
    const [x, y] = [a.get(name), b.get(name)]
    return {
      name,
      ...(x === undefined ? {} : { a: x }),
      ...(y === undefined ? {} : { b: y }),
      equal: typeof x === 'string' && x === y,
    }
  })
}

const mostPolicies = 1_000

const policiesOf = async (
  { pool, memo }: DiffHome,
  run: RunMembers,
): Promise<ReadonlyMap<string, Digest | null>> => {
  const nodes = await new Graph(pool).byType('policy.published', { run, limit: mostPolicies })
  const ids: readonly EventId[] = nodes.map(({ id }) => id)
  return new Map(
    (await memo.events(ids)).flatMap((recorded) =>
      recorded === undefined
        ? []
        : [
            [
              paramsOf(policyPublished, recorded.event).name,
              outcomeOf(policyPublished, recorded.event)?.weights ?? null,
            ] as const,
          ],
    ),
  )
}
