import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encodeCanonical, sha256Hex } from '../../events/canonical.ts'
import type { Digest, Event, EventId, Json } from '../../events/event.ts'
import { decodeRecord, hansardBy, recordEvent } from '../../events/identity.ts'
import { runSealed, stageClosed } from '../../events/vocabulary/governance.ts'
import { formSet } from '../../events/sets.ts'
import { verify } from '../../lineage/verify.ts'
import { asOwner } from './as-owner.ts'
import { fixtureRun } from './fixture-run.ts'
import { chance } from './fixture-words.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const fixture = fixtureRun()
const bin = (hex: string): Buffer => Buffer.from(hex, 'hex')
const everyId = [...new Set(fixture.recorder.entries.map(({ recorded }) => recorded.id))]
const eventOf = (id: EventId) =>
  fixture.recorder.entries.find(({ recorded }) => recorded.id === id)!.recorded.event
const last = (type: string): EventId => fixture.byType.get(type)!.at(-1)!

beforeAll(async () => {
  await fixture.recorder.appendTo(held.home)
  await asOwner(held.home, (client) =>
    client.query(`create schema kept;
      create table kept.records as select * from record.records; create table kept.texts as select * from record.texts`),
  )
})

/** Does something to the record that nobody may, and undoes it after the test. */
const tamper = async (sql: string, values: readonly unknown[] = []): Promise<void> => {
  await asOwner(held.home, (client) => client.query(sql, [...values]))
}

afterEach(async () => {
  await asOwner(held.home, (client) =>
    client.query(`delete from record.records; insert into record.records select * from kept.records;
      delete from record.texts; insert into record.texts select * from kept.texts`),
  )
  for (const bytes of fixture.recorder.blobs.values()) await held.home.blobs.put(bytes)
})

const flipBit = (bytes: Uint8Array, word: string): Buffer => {
  const flipped = Buffer.from(bytes)
  const bit = chance('flip', word) % (8 * bytes.length)
  flipped[bit >> 3]! ^= 1 << (bit & 7)
  return flipped
}

describe('verify', () => {
  it('finds nothing wrong with a record that nobody touched, and says what that proves and what not', async () => {
    const seen: number[] = []
    const { home } = held
    const result = await verify(home, { onProgress: (done) => seen.push(done) })
    expect(result.bad).toEqual([])
    expect(result).toMatchObject({
      events: everyId.length,
      records: everyId.length,
      badTotal: 0,
      runs: [{ run: fixture.run, seal: fixture.seal, ok: true }],
      blobs: fixture.recorder.blobs.size,
      released: 0,
      diverged: 0,
      opaque: 0,
    })
    expect(result.texts).toBe(new Set(fixture.recorder.texts.map(({ ref }) => ref.digest)).size)
    expect(seen.at(-1)).toBe(everyId.length)
    expect(result.proves.join(' ')).toContain('1 seal is over exactly')
    expect(result.doesNotProve.join(' ')).toContain('nothing is signed')
  })

  it('finds a flipped bit in each of 500 records, and names where each one stands', async () => {
    const { rows } = await held.home.pool.query<{
      id: string
      partition: number
      off: string
      value: Buffer
    }>(`select encode(id, 'hex') as id, partition, off, value from record.records order by id limit 500`)
    await asOwner(held.home, async (client) => {
      for (const { id, value } of rows)
        await client.query('update record.records set value = $2 where id = $1', [
          bin(id),
          flipBit(value, id),
        ])
    })
    const { bad, badTotal, runs } = await verify(held.home)
    const found = bad.filter(({ kind }) => kind === 'record')
    const order = (a: string, b: string) => (a < b ? -1 : 1)
    const line = (...parts: readonly unknown[]) => parts.map(String).join(' ')
    expect(found.map((one) => line(one.id, one.partition, one.offset)).toSorted(order)).toEqual(
      rows.map(({ id, partition, off }) => line(id, partition, off)).toSorted(order),
    )
    expect(found.every(({ topic }) => topic === held.home.log.topic)).toBe(true)
    // What a damaged event names and who names it are not at fault; whether the run's seal can be computed hangs on its sets.
    expect(badTotal - found.length).toBeLessThanOrEqual(1 + fixture.recorder.blobs.size)
    expect(bad.some(({ kind }) => kind === 'missing')).toBe(false)
    expect(runs.every(({ ok }) => !ok)).toBe(true)
  })

  it('finds a flipped bit in every text', async () => {
    const { rows } = await held.home.pool.query<{ digest: string; body: Buffer }>(
      `select encode(digest, 'hex') as digest, body from record.texts`,
    )
    await asOwner(held.home, async (client) => {
      for (const { digest, body } of rows)
        await client.query('update record.texts set body = $2 where digest = $1', [
          bin(digest),
          flipBit(body, digest),
        ])
    })
    const { bad, texts } = await verify(held.home)
    expect(texts).toBe(0)
    expect(new Set(bad.map(({ kind, id }) => `${kind} ${id}`))).toEqual(
      new Set(rows.map(({ digest }) => `text ${digest}`)),
    )
  })

  it('finds a flipped bit in every blob', async () => {
    const folder = join(held.home.folder, 'blobs')
    for (const [digest, bytes] of fixture.recorder.blobs)
      await writeFile(join(folder, digest.slice(0, 2), digest.slice(2)), flipBit(bytes, digest))
    const { bad, blobs } = await verify(held.home)
    expect(blobs).toBe(0)
    expect(new Set(bad.map(({ kind, id }) => `${kind} ${id}`))).toEqual(
      new Set([...fixture.recorder.blobs.keys()].map((digest) => `blob ${digest}`)),
    )
  })

  it('tells a checkpoint that retention released from one that is lost', async () => {
    const blobOf = (id: EventId) => (eventOf(id).out['blob'] as unknown as { digest: Digest }).digest
    const checkpoints = fixture.byType.get('checkpoint.saved')!
    const [first, ...others] = checkpoints.filter((id) => eventOf(id).draw.subject === 'RL-CAI')
    const published = others.at(-1)!
    const beforeLast = others.at(-2)!
    await held.home.blobs.release(blobOf(first!))
    const fine = await verify(held.home)
    expect(fine).toMatchObject({ bad: [], released: 1 })
    expect(fine.doesNotProve.join(' ')).toContain('retention released')
    const features = blobOf(last('features.computed'))
    for (const digest of [blobOf(published), blobOf(beforeLast), features])
      await held.home.blobs.release(digest)
    const { bad, released } = await verify(held.home)
    expect(released).toBe(1)
    expect(new Set(bad.map(({ id }) => id))).toEqual(
      new Set([blobOf(published), blobOf(beforeLast), features]),
    )
    expect(bad.every(({ what }) => what.includes('missing'))).toBe(true)
  })

  it('names events, texts and offsets that are gone', async () => {
    const id = last('label.assigned')
    const wording = fixture.recorder.texts[0]!.ref.digest
    await tamper('delete from record.records where id = $1', [bin(id)])
    await tamper('delete from record.texts where digest = $1', [bin(wording)])
    const { bad } = await verify(held.home)
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'missing', id }))
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'text', id: wording }))
    expect(bad.filter(({ kind }) => kind === 'gap' || kind === 'seal')).not.toEqual([])
  })

  it('finds an edited reward although its id was rewritten too: what rests on it misses it', async () => {
    const id = last('reward.scored')
    const edited: Event = { ...eventOf(id), out: { ...eventOf(id).out, status: 'ok', value: 99 } }
    const value = encodeCanonical(JSON.parse(JSON.stringify(edited)) as Json)
    await tamper('update record.records set id = $2, value = $3 where id = $1', [
      bin(id),
      bin(sha256Hex(value)),
      value,
    ])
    const { bad, runs } = await verify(held.home)
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'missing', id }))
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'seal', id: last('run.sealed') }))
    expect(runs).toEqual([expect.objectContaining({ ok: false })])
  })

  it('finds members taken out of a sealed stage, by whoever makes set, stage and run anew around the old seal', async () => {
    const stage = fixture.recorder.stages.at(-2)!
    const { root, nodes } = formSet('stage', [...stage.used].slice(1))
    const { type: _, v: __, ...oldStage } = stage.closed.event
    const closed = recordEvent(stageClosed, {
      ...oldStage,
      parents: [
        { role: 'members', id: root.id },
        { role: 'run', id: fixture.started },
      ],
      out: { status: 'ok', events: stage.used.size - 1 },
    })
    const { type: ___, v: ____, ...oldSeal } = eventOf(last('run.sealed'))
    const sealed = recordEvent(runSealed, {
      ...oldSeal,
      parents: oldSeal.parents.map(({ role, id }) => ({ role, id: id === stage.closed.id ? closed.id : id })),
    })
    await held.home.log.append(
      [...nodes, root, closed, sealed].map((recorded) => ({ recorded, meta: {} })),
      [],
    )
    const { bad } = await verify(held.home)
    expect(bad).toMatchObject([{ kind: 'seal', id: sealed.id }])
    expect(bad[0]!.what).toContain(fixture.seal!)
  })

  it('finds a set that does not hold what it says, and a stage that counts wrong', async () => {
    const stage = fixture.recorder.stages[0]!
    const ids = [...stage.used]
    const { root } = formSet('stage', ids)
    const { type: _, v: __, ...old } = stage.closed.event
    const wrong = recordEvent(stageClosed, {
      ...old,
      params: { stage: 'another' },
      parents: [
        { role: 'members', id: root.id },
        { role: 'run', id: fixture.started },
      ],
      out: { status: 'ok', events: ids.length + 1 },
    })
    const lying = encodeCanonical({
      ...root.event,
      params: { ...root.event.params, count: ids.length + 7 },
      by: { ...root.event.by },
      draw: { ...root.event.draw },
      parents: root.event.parents.map(({ role, id }) => ({ id, role })),
    })
    const liar = decodeRecord(lying)
    await held.home.log.append(
      [root, wrong, liar].map((recorded) => ({ recorded, meta: {} })),
      [],
    )
    const { bad } = await verify(held.home)
    expect(new Set(bad.map(({ kind, id }) => `${kind} ${id}`))).toEqual(
      new Set([`set ${wrong.id}`, `set ${liar.id}`]),
    )
  })

  it('checks the index beside the record: ids, recipes, answers and keys', async () => {
    const [a, b, c, d] = fixture.byType.get('sample.drawn')!
    const other = 'cd'.repeat(32)
    await tamper('update record.records set recipe = $2 where id = $1', [bin(a!), bin(other)])
    await tamper('update record.records set answer = false where id = $1', [bin(b!)])
    await tamper(`update record.records set key = 'elsewhere' where id = $1`, [bin(c!)])
    await tamper('update record.records set id = $2 where id = $1', [bin(d!), bin(other)])
    const { bad } = await verify(held.home)
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'recipe', id: a }))
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'recipe', id: b }))
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'record', id: c }))
    expect(bad).toContainEqual(expect.objectContaining({ kind: 'record', id: other }))
  })

  it('reads on past headers that are damaged', async () => {
    const id = last('harm.scored')
    await tamper(`update record.records set headers = '\\x7b22' where id = $1`, [bin(id)])
    const { bad, events } = await verify(held.home)
    expect(events).toBe(everyId.length - 1)
    expect(bad.find(({ kind }) => kind === 'gap')?.what).toContain('headers cannot be read')
  })

  it('hashes and walks events of unknown types, and says that it does not understand them', async () => {
    const dream = decodeRecord(
      encodeCanonical({
        type: 'dream.dreamt',
        v: 2,
        by: { ...hansardBy },
        params: {},
        parents: [{ role: 'about', id: last('reward.scored') }],
        draw: { subject: 'dream.dreamt', round: 0, i: 0 },
        out: { status: 'ok' },
      }),
    )
    await held.home.log.append([{ recorded: dream, meta: {} }], [])
    const result = await verify(held.home)
    expect(result).toMatchObject({ bad: [], opaque: 1 })
    expect(result.doesNotProve.join(' ')).toContain('does not know')
  })
})
