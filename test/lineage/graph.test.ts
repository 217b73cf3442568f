import { beforeAll, describe, expect, it } from 'vitest'
import type { EventId } from '../../events/event.ts'
import { formSet } from '../../events/sets.ts'
import { closureOf } from '../../lineage/closure.ts'
import { AmbiguousId, NoSuchEvent } from '../../lineage/errors.ts'
import { Graph } from '../../lineage/graph.ts'
import { project } from '../../lineage/projector.ts'
import { findRun, leavesOf } from '../../lineage/run-members.ts'
import { trustOf } from '../../lineage/trust.ts'
import { asOwner } from './as-owner.ts'
import { type FixtureRun, fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
let graph: Graph
const sealed = fixtureRun()
const open = fixtureRun({ seed: 2, sealed: false })

beforeAll(async () => {
  await sealed.recorder.appendTo(held.home)
  await open.recorder.appendTo(held.home)
  await project(held.home)
  graph = new Graph(held.home.pool)
})

/** Ancestors as the fixture itself says them. */
const ancestorsIn = ({ recorder }: FixtureRun, root: EventId): ReadonlySet<EventId> => {
  const parents = new Map(
    recorder.entries.map(({ recorded: { id, event } }) => [id, event.parents.map((parent) => parent.id)]),
  )
  const seen = new Set<EventId>()
  const ahead: EventId[] = [root]
  for (let id = ahead.pop(); id !== undefined; id = ahead.pop())
    for (const parent of parents.get(id) ?? [])
      if (!seen.has(parent)) {
        seen.add(parent)
        ahead.push(parent)
      }
  return seen
}

const lastOf = (run: FixtureRun, type: string): EventId => run.byType.get(type)!.at(-1)!

describe('the graph', () => {
  it('gives nodes in the order asked, and nothing for what is not there', async () => {
    const ids = [lastOf(sealed, 'reward.scored'), 'ab'.repeat(32), lastOf(sealed, 'label.assigned')]
    const nodes = await graph.nodes(ids)
    expect(nodes.map((node) => node?.type)).toEqual(['reward.scored', undefined, 'label.assigned'])
    const { recorded } = sealed.recorder.entries.find((entry) => entry.recorded.id === ids[0])!
    const { subject, round, i } = recorded.event.draw
    expect(nodes[0]).toMatchObject({ id: ids[0], recipe: recorded.recipe, subject, round, i, status: 'ok' })
    expect(nodes[0]!.meta).toMatchObject({ ce_run: sealed.run })
  })

  it('gives parents in the order of the record, of one role where asked', async () => {
    const pair = lastOf(sealed, 'pair.formed')
    const { recorded } = sealed.recorder.entries.find((entry) => entry.recorded.id === pair)!
    const edges = await graph.parents(pair)
    expect(edges.map(({ role, parent }) => ({ role, id: parent }))).toEqual(recorded.event.parents)
    expect((await graph.parents(pair, 'sample')).map(({ pos }) => pos)).toEqual([1, 2])
    const reward = lastOf(sealed, 'reward.scored')
    expect((await graph.parentsOf([reward, pair], 'preference_model')).get(reward)).toHaveLength(1)
  })

  it('gives children of a type and role', async () => {
    const policy = sealed.byType.get('train.stepped')!.at(-1)!
    const model = sealed.byType.get('model.registered')![0]!
    expect((await graph.children(policy, { type: 'sample.drawn' })).length).toBe(13)
    expect(await graph.children(model, { role: 'policy', limit: 3 })).toHaveLength(3)
    const pairs = sealed.byType.get('pair.formed')!.slice(0, 5)
    const labels = await graph.childrenOf(pairs, { type: 'label.assigned' })
    expect(pairs.map((pair) => labels.get(pair)?.length)).toEqual([1, 1, 1, 1, 1])
  })

  it('pages through the events of a type, of one run or of all', async () => {
    const of = async (run: FixtureRun) => findRun(held.home.pool, run.run.slice(0, 10))
    for (const [run, expected] of [
      [sealed, 50],
      [open, 50],
    ] as const) {
      const found: EventId[] = []
      let after = 0
      for (;;) {
        const page = await graph.byType('label.assigned', { run: await of(run), after, limit: 7 })
        if (page.length === 0) break
        found.push(...page.map(({ id }) => id))
        after = page.at(-1)!.seq
      }
      expect(found).toHaveLength(expected)
      expect(new Set(found)).toEqual(new Set(run.byType.get('label.assigned')))
    }
    const both = new Set([...sealed.byType.get('label.assigned')!, ...open.byType.get('label.assigned')!])
    expect(await graph.byType('label.assigned', { limit: 1_000 })).toHaveLength(both.size)
    const failed = await graph.byType('label.assigned', { status: 'failed', limit: 1_000 })
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.every(({ reason }) => reason === 'no_mass_on_choices')).toBe(true)
  })

  it('walks a set of several levels in its order', async () => {
    const samples = sealed.byType.get('sample.drawn')!
    const members = Array.from({ length: 1_300 }, (_, k) => samples[k % samples.length]!)
    const { root, nodes } = formSet('samples', members)
    expect(nodes).toHaveLength(3)
    await held.home.log.append(
      [...nodes, root].map((recorded) => ({ recorded, meta: {} })),
      [],
    )
    await project(held.home)
    const leaves = await leavesOf(held.home.pool, [root.id])
    const edges = await graph.parentsOf(leaves, 'child')
    expect(leaves.flatMap((leaf) => edges.get(leaf)!.map(({ parent }) => parent))).toEqual(members)
    const sft = sealed.recorder.entries.find(({ recorded }) => recorded.event.params['purpose'] === 'sft')!
    expect(await leavesOf(held.home.pool, [sft.recorded.id, root.id])).toEqual([sft.recorded.id, ...leaves])
  })

  it('finds an id by any beginning that only it has, and else lists the candidates', async () => {
    const id = lastOf(sealed, 'reward.scored')
    expect(await graph.resolve(id)).toMatchObject({ id })
    expect(await graph.resolve(id.slice(0, 20).toUpperCase())).toMatchObject({ id })
    const error = await graph.resolve(id.slice(0, 1)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(AmbiguousId)
    const { candidates, exit, message } = error as AmbiguousId
    expect(exit).toBe(2)
    expect(candidates.length).toBeGreaterThan(1)
    expect(candidates.every((one) => one.id.startsWith(id[0]!) && one.time !== undefined)).toBe(true)
    expect(message).toContain(candidates[0]!.type)
    await expect(graph.resolve('0'.repeat(64))).rejects.toBeInstanceOf(NoSuchEvent)
    await expect(graph.resolve('not hex')).rejects.toBeInstanceOf(NoSuchEvent)
    await expect(graph.resolve("' or 1=1 --")).rejects.toBeInstanceOf(NoSuchEvent)
  })

  it('finds a run by its id or by its run.started, and what belongs to it', async () => {
    const run = await findRun(held.home.pool, sealed.run.slice(0, 8))
    expect(run).toMatchObject({ run: sealed.run, started: sealed.started, hint: false })
    expect(run.sealed).toBe(lastOf(sealed, 'run.sealed'))
    expect(run.stages).toHaveLength(8)
    expect(await findRun(held.home.pool, sealed.started)).toEqual(run)
    expect(await findRun(held.home.pool, open.run)).toMatchObject({ sealed: undefined, hint: true })
    await expect(findRun(held.home.pool, 'ff'.repeat(32))).rejects.toThrow('no run starts with')
  })
})

describe('trust', () => {
  it('counts every ancestor of a reward and finds the record complete', async () => {
    const asOf = await project(held.home)
    const reward = lastOf(sealed, 'reward.scored')
    const trust = await trustOf(held.home, asOf, [reward])
    expect(trust).toEqual({
      complete: true,
      asOf: asOf.records,
      truncated: false,
      missingParents: 0,
      erased: 0,
      signed: false,
      grade: 'run',
      determinism: 'exact',
      ancestors: ancestorsIn(sealed, reward).size,
      cyclic: false,
    })
  })

  it('says so when a limit ends the walk, or the projection lags', async () => {
    const asOf = await project(held.home)
    const reward = lastOf(sealed, 'reward.scored')
    const few = await trustOf(held.home, asOf, [reward], { ancestors: 40 })
    expect(few).toMatchObject({ complete: false, truncated: true })
    expect(few.ancestors).toBeLessThanOrEqual(40)
    expect(await trustOf(held.home, asOf, [reward], { time_ms: -1 })).toMatchObject({
      complete: false,
      truncated: true,
    })
    expect(await trustOf(held.home, { ...asOf, behind: 1 }, [reward])).toMatchObject({
      complete: false,
      truncated: false,
    })
  })

  it('counts texts that are gone, which leave the record whole', async () => {
    const asOf = await project(held.home)
    const reward = lastOf(sealed, 'reward.scored')
    const wording = sealed.recorder.texts[0]!.ref.digest
    await asOwner(held.home, (client) =>
      client.query('delete from record.texts where digest = $1', [Buffer.from(wording, 'hex')]),
    )
    expect(await trustOf(held.home, asOf, [reward])).toMatchObject({ erased: 1, complete: true })
  })

  it('ends on a forged circle and flags it, and names what is missing', async () => {
    const asOf = await project(held.home)
    const reward = lastOf(sealed, 'reward.scored')
    const deep = lastOf(sealed, 'dataset.imported')
    const label = lastOf(sealed, 'label.assigned')
    const forge = (parent: string) =>
      held.home.pool.query(
        `insert into projection.edges(child, parent, role, pos) values ($1, $2, 'forged', 99)`,
        [Buffer.from(deep, 'hex'), Buffer.from(parent, 'hex')],
      )
    const mend = () => held.home.pool.query(`delete from projection.edges where role = 'forged'`)
    for (const parent of [deep, reward, label]) {
      await forge(parent)
      expect(await trustOf(held.home, asOf, [reward])).toMatchObject({ cyclic: true, complete: false })
      await mend()
    }
    const before = await closureOf(held.home.pool, [reward])
    await forge('ab'.repeat(32))
    expect(await trustOf(held.home, asOf, [reward])).toMatchObject({
      missingParents: 1,
      complete: false,
      cyclic: false,
      ancestors: before.ids.length - 1,
    })
    await mend()
    expect((await trustOf(held.home, asOf, [reward])).complete).toBe(true)
  })
})
