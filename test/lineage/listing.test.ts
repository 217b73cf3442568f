import { beforeAll, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import type { EventId } from '../../events/event.ts'
import { hansardBy, recordEvent } from '../../events/identity.ts'
import { noteAdded } from '../../events/vocabulary/audit.ts'
import { comparisonMade } from '../../events/vocabulary/evaluation.ts'
import { listEvents } from '../../lineage/events-query.ts'
import { project } from '../../lineage/projector.ts'
import { findRun } from '../../lineage/run-members.ts'
import { listRuns, summariseRun } from '../../lineage/runs.ts'
import { showEvent } from '../../lineage/show.ts'
import { asOwner } from './as-owner.ts'
import { fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const sealed = fixtureRun()
const open = fixtureRun({ seed: 2, sealed: false, version: '2.0' })
const last = (type: string): EventId => sealed.byType.get(type)!.at(-1)!

beforeAll(async () => {
  await sealed.recorder.appendTo(held.home)
  await open.recorder.appendTo(held.home)
  await project(held.home)
})

describe('the list of runs', () => {
  it('says of each run what it is, under which constitution, and its seal once it has one', async () => {
    const runs = await listRuns(held.home)
    expect(runs.map(({ state, seed }) => ({ state, seed }))).toEqual([
      { state: 'open', seed: 2 },
      { state: 'sealed', seed: 1 },
    ])
    const [unfinished, finished] = runs
    expect(finished).toMatchObject({
      id: sealed.run,
      event: sealed.started,
      seal: sealed.seal,
      constitution: { name: 'fixture', version: '1.0', principles: 4 },
    })
    expect(finished!.stages).toEqual(sealed.recorder.stages.map(({ name }) => name))
    expect(finished!.started! < finished!.ended!).toBe(true)
    expect(unfinished).toMatchObject({ id: open.run, seal: undefined, ended: undefined })
  })

  it('counts a run’s events by type, whichever run wrote them', async () => {
    const { events, figures } = await summariseRun(
      held.home,
      await findRun(held.home.pool, sealed.run.slice(0, 9)),
    )
    const used = new Set(sealed.recorder.stages.flatMap((stage) => [...stage.used]))
    expect(events).toBe(used.size)
    for (const type of ['principle.defined', 'label.assigned', 'reward.scored', 'run.sealed'])
      expect(figures!.byType[type]).toBe(sealed.byType.get(type)!.length)
    expect(figures!.failed).toBe(
      sealed.recorder.entries.filter(({ recorded }) => recorded.event.out.status === 'failed').length,
    )
    const other = await summariseRun(held.home, await findRun(held.home.pool, open.run))
    expect(other.figures!.byType['principle.defined']).toBe(4)
    expect(other.figures!.byType['label.assigned']).toBe(open.byType.get('label.assigned')!.length)
  })
})

describe('the list of events', () => {
  it('gives the latest of a type, with what they say', async () => {
    const { events, more } = await listEvents(held.home, {
      run: sealed.run,
      type: 'reward.scored',
      limit: 3,
    })
    expect(more).toBe(true)
    expect(events).toHaveLength(3)
    expect(events.every(({ value, type }) => typeof value === 'number' && type === 'reward.scored')).toBe(
      true,
    )
    const samples = await listEvents(held.home, { type: 'sample.drawn', limit: 1_000 })
    expect(samples.more).toBe(false)
    expect(samples.events.every(({ text }) => typeof text === 'string')).toBe(true)
    const failed = await listEvents(held.home, { run: sealed.run, type: 'critique.written', limit: 1_000 })
    expect(failed.events.filter(({ status }) => status === 'failed')[0]).toMatchObject({
      reason: 'looping',
      text: 'no no no no',
    })
  })

  it('keeps runs apart, and refuses one that is not there', async () => {
    const mine = await listEvents(held.home, { run: open.run, limit: 10_000 })
    expect(mine.events.some(({ type }) => type === 'reward.scored')).toBe(false)
    expect(mine.events.some(({ type }) => type === 'principle.defined')).toBe(true)
    await expect(listEvents(held.home, { run: 'ffffff', limit: 1 })).rejects.toThrow('no run starts with')
  })
})

describe('an event shown', () => {
  it('has its fields, texts, relatives, recipe, place and hash', async () => {
    const id = last('label.assigned')
    const asOf = await project(held.home)
    const shown = await showEvent(held.home, asOf, id.slice(0, 16))
    const { recorded } = sealed.recorder.entries.find((entry) => entry.recorded.id === id)!
    expect(shown).toMatchObject({
      id,
      type: 'label.assigned',
      sealed: true,
      fields: { by: recorded.event.by, params: recorded.event.params, out: recorded.event.out },
      recipe: { id: recorded.recipe, answer: id, diverged: [] },
      hash: { recomputed: id, equal: true, bytes: recorded.bytes.length },
      trust: { complete: true, signed: false },
    })
    expect(shown.parents.first.map(({ role, id: parent }) => ({ role, id: parent }))).toEqual(
      recorded.event.parents,
    )
    expect(shown.children.byRole.map(({ type }) => type)).toContain('set.formed')
    const principle = await showEvent(held.home, asOf, last('principle.defined'))
    expect(principle.texts.map(({ text }) => text)).toEqual(['prefer what is fair'])
    expect(principle.children.byRole.find(({ type }) => type === 'constitution.published')?.count).toBe(2)
  })

  it('shows a second answer to a recipe as diverged, and what the answer is', async () => {
    const { recorded } = sealed.recorder.entries.find(
      (entry) => entry.recorded.id === sealed.byType.get('comparison.made')![0],
    )!
    const { type: _, v: __, ...act } = recorded.event
    const preferred = recorded.event.out['preferred'] === 'tie' ? 'first' : 'tie'
    const other = recordEvent(comparisonMade, { ...act, out: { status: 'ok', preferred } })
    const [answer] = await held.home.log.append([{ recorded: other, meta: {} }], [])
    expect(answer).toMatchObject({ id: recorded.id, diverged: true })
    const asOf = await project(held.home)
    const shown = await showEvent(held.home, asOf, other.id)
    expect(shown.recipe).toEqual({ id: recorded.recipe, answer: recorded.id, diverged: [other.id] })
  })

  it('shows damaged bytes as damaged, and everything around them', async () => {
    const note = recordEvent(noteAdded, {
      by: hansardBy,
      params: { note: 'look here' },
      parents: [{ role: 'about', id: last('reward.scored') }],
      draw: { subject: 'note.added', round: 0, i: 0 },
      out: { status: 'ok' },
    })
    await held.home.log.append([{ recorded: note, meta: {} }], [])
    const asOf = await project(held.home)
    const flipped = Buffer.from(note.bytes)
    flipped[30]! ^= 1
    await asOwner(held.home, (client) =>
      client.query('update record.records set value = $2 where id = $1', [
        Buffer.from(note.id, 'hex'),
        flipped,
      ]),
    )
    const shown = await showEvent(held.home, asOf, note.id)
    expect(shown.hash).toMatchObject({ equal: false, recomputed: sha256Hex(flipped) })
    expect(shown.parents.first).toMatchObject([{ role: 'about', id: last('reward.scored') }])
    const about = await showEvent(held.home, asOf, last('reward.scored'))
    expect(about.children.byRole).toContainEqual({ type: 'note.added', role: 'about', count: 1 })
    expect(about.children.first.map(({ id }) => id)).toContain(note.id)
  })
})
