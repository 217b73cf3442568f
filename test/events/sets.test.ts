import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import { BrokenSet } from '../../events/errors.ts'
import type { EventId, Recorded } from '../../events/event.ts'
import { decodeRecord, recordEvent } from '../../events/identity.ts'
import { type FormedSet, formSet, type LoadEvents, setMembers, type Slice } from '../../events/sets.ts'
import { setNode } from '../../events/vocabulary/training.ts'

const idsOf = (count: number): readonly EventId[] =>
  Array.from({ length: count }, (_, index) => sha256Hex(`${index}`))

const eventsOf = ({ root, nodes }: FormedSet): Map<EventId, Recorded> =>
  new Map([root, ...nodes].map((event) => [event.id, event]))

const loading =
  (events: ReadonlyMap<EventId, Recorded>): LoadEvents =>
  (ids) =>
    Promise.resolve(ids.map((id) => events.get(id)))

const gather = async (ids: AsyncIterable<EventId>): Promise<readonly EventId[]> => {
  const all: EventId[] = []
  for await (const id of ids) all.push(id)
  return all
}

const read = async (set: FormedSet, slice?: Slice, fanIn?: number): Promise<readonly EventId[]> =>
  gather(setMembers(set.root.id, loading(eventsOf(set)), slice, fanIn))

describe('a set', () => {
  it.each([0, 1, 2, 511, 512, 513, 1_024, 1_025, 2_000])(
    'of %i members keeps them in order',
    async (count) => {
      const ids = idsOf(count)
      const set = formSet('stage', ids)
      expect(set.root.event.params).toMatchObject({ purpose: 'stage', count })
      expect(await read(set)).toEqual(ids)
    },
  )

  it('of any size, with any fan-in, keeps members, order and count, full nodes first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 2, max: 7 }),
        async (count, fanIn) => {
          const ids = idsOf(count)
          const set = formSet('sft', ids, fanIn)
          const levels = count <= 1 ? 0 : Math.ceil(Math.log(count) / Math.log(fanIn) - 1e-9) - 1
          expect(set.root.event.params).toEqual({ purpose: 'sft', count, depth: Math.max(levels, 0) })
          for (const { event } of [set.root, ...set.nodes])
            expect(event.parents.length).toBeLessThanOrEqual(fanIn)
          expect(await read(set, undefined, fanIn)).toEqual(ids)
        },
      ),
    )
  })

  it('gives any slice, and loads only what leads there', async () => {
    const ids = idsOf(400)
    const set = formSet('comparisons', ids, 4)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 400 }), fc.nat({ max: 400 }), async (one, other) => {
        const start = Math.min(one, other)
        const count = Math.abs(one - other)
        expect(await read(set, { start, count }, 4)).toEqual(ids.slice(start, start + count))
      }),
    )
    const asked: EventId[] = []
    const events = eventsOf(set)
    const counting: LoadEvents = (wanted) => {
      asked.push(...wanted)
      return loading(events)(wanted)
    }
    expect(await gather(setMembers(set.root.id, counting, { start: 399, count: 1 }, 4))).toEqual([ids[399]])
    expect(asked).toHaveLength(5)
  })

  it('refuses a slice that reaches beyond it', async () => {
    const set = formSet('sft', idsOf(5))
    await expect(read(set, { start: 3, count: 3 })).rejects.toThrow('which has 5')
  })

  it('has the same id for the same members in the same order, and shares nodes', () => {
    const ids = idsOf(1_500)
    expect(formSet('sft', ids).root.id).toBe(formSet('sft', ids).root.id)
    expect(formSet('sft', ids.toReversed()).root.id).not.toBe(formSet('sft', ids).root.id)
    expect(formSet('held_out', ids).nodes.map(({ id }) => id)).toEqual(
      formSet('sft', ids).nodes.map(({ id }) => id),
    )
    expect(formSet('sft', idsOf(3)).root.id).toBe(
      '60be2fe810da3cc785d55ac2e092b8d972a5c20a26c21f7554a9a422cb5855b4',
    )
  })

  it('of 600,000 members has two levels of nodes, each in its record', async () => {
    const ids = idsOf(600_000)
    const set = formSet('stage', ids)
    expect(set.root.event.params).toEqual({ purpose: 'stage', count: 600_000, depth: 2 })
    expect(set.nodes).toHaveLength(1_172 + 3)
    expect(await read(set, { start: 262_143, count: 3 })).toEqual(ids.slice(262_143, 262_146))
    for (const event of [set.root, ...set.nodes.slice(-4)]) expect(decodeRecord(event.bytes)).toEqual(event)
  })
})

describe('a damaged set is found and named', () => {
  const ids = idsOf(30)
  const set = formSet('stage', ids, 4)
  const forge = (change: (event: Recorded) => Recorded | undefined, at: EventId): LoadEvents => {
    const events = eventsOf(set)
    const forged = change(events.get(at)!)
    if (forged === undefined) events.delete(at)
    else events.set(at, forged)
    return loading(events)
  }
  const walk = async (load: LoadEvents): Promise<unknown> =>
    gather(setMembers(set.root.id, load, undefined, 4))
  const inner = set.nodes[2]!.id

  it('where a node is missing', async () => {
    await expect(walk(forge(() => undefined, inner))).rejects.toThrow(BrokenSet)
    await expect(walk(forge(() => undefined, inner))).rejects.toThrow(inner)
    await expect(walk(forge(() => undefined, set.root.id))).rejects.toThrow('is missing')
  })

  it('where a node lacks a child or counts wrongly', async () => {
    const shorter = ({ event }: Recorded): Recorded =>
      ({ event: { ...event, parents: event.parents.slice(1) } }) as unknown as Recorded
    await expect(walk(forge(shorter, inner))).rejects.toThrow('has 3 children')
    const fewer = ({ event }: Recorded): Recorded =>
      ({ event: { ...event, params: { ...event.params, count: 3 } } }) as unknown as Recorded
    await expect(walk(forge(fewer, inner))).rejects.toThrow('says 3 members')
  })

  it('where a node leads to itself, however deep it says it is', async () => {
    const cyclic = ({ id, event }: Recorded): Recorded =>
      ({
        event: { ...event, parents: [{ role: 'child', id }], params: { ...event.params } },
      }) as unknown as Recorded
    await expect(walk(forge(cyclic, set.root.id))).rejects.toThrow(BrokenSet)
    const deep = ({ event }: Recorded): Recorded =>
      ({ event: { ...event, params: { ...event.params, depth: 600 } } }) as unknown as Recorded
    await expect(walk(forge(deep, set.root.id))).rejects.toThrow('600 levels')
  })

  it('where something else stands in it', async () => {
    const alien = set.nodes.at(-1)!
    await expect(
      walk(forge(() => recordEvent({ ...setNode, type: 'set.other' }, alien.event), inner)),
    ).rejects.toThrow('is a set.other')
  })
})
