import { inTransaction, withClient } from '../transaction.ts'
import type { EventId } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { rewardScored } from '../../events/vocabulary/reinforcement.ts'
import { digestArray } from '../../events/postgres/binary-array.ts'
import type { RewardDifference, TrainingRewards } from '../diff-types.ts'
import { outcomeOf } from '../outcome.ts'
import { aligned } from './aligned.ts'
import { type ComparedRuns, sharedGroups } from './compared-runs.ts'
import { Mean } from './mean.ts'

/** Rollouts and rewards at the same places of the same trainings, and rewards of the very same answers. */
export const rewardDifference = async (runs: ComparedRuns): Promise<RewardDifference> => {
  const rollouts = { compared: 0, otherText: 0 }
  const only = { a: 0, b: 0 }
  const byTraining: TrainingRewards[] = []
  for (const group of sharedGroups(runs)) {
    const request = { a: runs.a.get(group)!, b: runs.b.get(group)!, keys: runs.keys }
    for await (const batch of aligned(runs.pool, { ...request, types: ['rollout.drawn'] }))
      for (const { a, b } of batch) {
        if (a === undefined) only.b++
        else if (b === undefined) only.a++
        else {
          rollouts.compared++
          if (a.texts !== b.texts || a.status !== b.status) rollouts.otherText++
        }
      }
    const rewards = await rewardsOf(runs, group)
    if (rewards !== undefined) byTraining.push(rewards)
  }
  return {
    rollouts,
    onlyA: only.a,
    onlyB: only.b,
    byTraining,
    sameAnswers: await sameAnswers(runs),
  }
}

const rewardsOf = async (runs: ComparedRuns, training: string): Promise<TrainingRewards | undefined> => {
  const all = { a: new Mean(), b: new Mean() }
  const steps = new Map<number, { readonly a: Mean; readonly b: Mean }>()
  for await (const batch of aligned(runs.pool, {
    a: runs.a.get(training)!,
    b: runs.b.get(training)!,
    types: ['reward.scored'],
    keys: runs.keys,
  })) {
    const both = batch.filter(({ a, b }) => a?.status === 'ok' && b?.status === 'ok')
    const values = await valuesOf(
      runs,
      both.flatMap(({ a, b }) => [a!.id, b!.id]),
    )
    for (const { a, b, round } of both) {
      const [x, y] = [values.get(a!.id), values.get(b!.id)]
      if (x === undefined || y === undefined) continue
      const step = steps.get(round) ?? { a: new Mean(), b: new Mean() }
      steps.set(round, step)
      for (const means of [all, step]) {
        means.a.add(x)
        means.b.add(y)
      }
    }
  }
  if (all.a.count === 0) return undefined
  const lastStep = [...steps.keys()].reduce((most, step) => Math.max(most, step), 0)
  const last = steps.get(lastStep)!
  return {
    training,
    compared: all.a.count,
    meanA: all.a.value!,
    meanB: all.b.value!,
    lastStep,
    lastMeanA: last.a.value!,
    lastMeanB: last.b.value!,
  }
}

/** Values of rewards by id; those that are no finite number are left out. */
const valuesOf = async (
  { memo }: ComparedRuns,
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, number>> => {
  const values = new Map<EventId, number>()
  for (const recorded of await memo.events([...new Set(ids)])) {
    const outcome = recorded === undefined ? undefined : outcomeOf(rewardScored, recorded.event)
    if (outcome === undefined) continue
    const value = numFrom(outcome.value)
    if (Number.isFinite(value)) values.set(recorded!.id, value)
  }
  return values
}

const batchPairs = 2_500

/** Two rewards of one answer, by the preference models of the two runs. */
const sameAnswers = async (runs: ComparedRuns): Promise<RewardDifference['sameAnswers']> => {
  const { rows } = await withClient(runs.pool, (client) =>
    inTransaction(client, async () => {
      // The planner cannot know how many rewards a run has, and would compare each of one run with each of the other.
      await client.query(`set local enable_nestloop = off; set local work_mem = '64MB'`)
      return client.query<{ a: string; b: string }>(
        `with side as materialized (
        select s.run, n.id, e.parent as answer
        from (values ('a', $1::bytea[]), ('b', $2::bytea[])) s(run, leaves)
          cross join lateral (
            select distinct parent from projection.edges where child = any(s.leaves) and role = 'child') m
          join projection.nodes n on n.id = m.parent and n.type = 'reward.scored' and n.status = 'ok'
          join projection.edges e on e.child = n.id and e.role = 'answer')
      select encode(a.id, 'hex') as a, encode(b.id, 'hex') as b
      from side a join side b on b.answer = a.answer and b.run = 'b' and b.id <> a.id
      where a.run = 'a'`,
        [digestArray([...runs.a.values()].flat()), digestArray([...runs.b.values()].flat())],
      )
    }),
  )
  const [a, b, move] = [new Mean(), new Mean(), new Mean()]
  for (let from = 0; from < rows.length; from += batchPairs) {
    const part = rows.slice(from, from + batchPairs)
    const values = await valuesOf(
      runs,
      part.flatMap((row) => [row.a, row.b]),
    )
    for (const row of part) {
      const [x, y] = [values.get(row.a), values.get(row.b)]
      if (x === undefined || y === undefined) continue
      a.add(x)
      b.add(y)
      move.add(Math.abs(y - x))
    }
  }
  return { compared: a.count, meanA: a.value, meanB: b.value, meanMove: move.value }
}
