import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from 'pg'
import { eraserUrl } from '../../../events/embedded/eraser-url.ts'
import { openHome, type Home } from '../../../events/embedded/home.ts'
import { readPasswords } from '../../../events/embedded/home-file.ts'
import { DatabaseGone, DatabaseUnusable } from '../../../events/postgres/database-errors.ts'
import { eraseTexts } from '../../../events/postgres/erase-texts.ts'
import { fresh, madeEntry } from '../../../events/testing/log-under-test.ts'
import { temporaryHome } from '../embedded/temporary-home.ts'

const { folder, remove } = temporaryHome()
const aside = temporaryHome()
let home: Home

beforeAll(async () => {
  home = await openHome(folder, { idle_ms: 60_000 })
})
afterAll(async () => {
  await home.close()
  await remove()
  await aside.remove()
})

/** The SQLSTATE with which Postgres refuses. */
const refused = (url: string, sql: string): Promise<string | undefined> =>
  as(url, (client) =>
    client.query(sql).then(
      () => undefined,
      (error: { code?: string }) => error.code,
    ),
  )

const as = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const urlOf = (user: string, password: string, database = 'hansard'): string => {
  const url = new URL(home.url)
  Object.assign(url, { username: user, password, pathname: `/${database}` })
  return url.href
}

const changes = [
  'update record.records set off = off + 1',
  'delete from record.records',
  'truncate record.records',
  'update record.texts set keyed = true',
  'delete from record.texts',
  'truncate record.texts',
  'update record.log set partitions = 1',
  'insert into record.log values (1, 1)',
  'alter table record.records add column x int',
  'drop table record.texts',
  'create table record.more (x int)',
  'drop schema record cascade',
  'alter table record.records disable trigger all',
]

const denied = '42501'

describe('in the embedded database', () => {
  it.each(changes)('the app may not: %s', async (sql) => {
    expect(await refused(home.url, sql)).toBe(denied)
  })

  it('the app may read, insert, make schemas and owns the projection', async () => {
    await home.log.append([madeEntry(fresh('app'), 0).entry], [])
    await home.pool.query('create table projection.mine (x int); drop table projection.mine')
    await home.pool.query('create schema mine; drop schema mine')
  })

  it('the owner has given up the right to change what is recorded', async () => {
    const { owner } = await readPasswords(folder)
    const url = urlOf('hansard_owner', owner)
    for (const sql of changes.slice(0, 6)) expect(await refused(url, sql)).toBe(denied)
  })

  it('the eraser deletes texts and nothing else, and ids still verify', async () => {
    const { entry, text } = madeEntry(fresh('erased'), 0)
    await home.log.append([entry], [text])
    const url = await eraserUrl(home)
    for (const sql of [
      'delete from record.records',
      'update record.texts set keyed = true',
      'truncate record.texts',
    ])
      expect(await refused(url, sql)).toBe(denied)
    expect(await eraseTexts(url, [text.ref.digest, '0'.repeat(64)])).toEqual([text.ref.digest])
    expect(await home.memo.texts([text.ref.digest])).toEqual([undefined])
    expect((await home.memo.events([entry.recorded.id]))[0]?.id).toBe(entry.recorded.id)
  })
})

describe('in a database of one’s own', () => {
  const password = 'their-secret'
  const open = (user: string): Promise<Home> =>
    openHome(aside.folder, { databaseUrl: urlOf(user, password, 'theirs') })

  const refusal = async (url: string): Promise<DatabaseUnusable | DatabaseGone> => {
    const error: unknown = await openHome(aside.folder, { databaseUrl: url }).then(
      (opened) => opened.close(),
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof DatabaseUnusable || error instanceof DatabaseGone))
      throw new Error('it was opened, or failed otherwise', { cause: error })
    expect(JSON.stringify([error.message, error.mend])).not.toContain(password)
    return error
  }

  beforeAll(async () => {
    const { superuser } = await readPasswords(folder)
    await as(urlOf('postgres', superuser), async (client) => {
      for (const role of ['theirs', 'reader'])
        await client.query(`create role ${role} login password '${password}'`)
      await client.query('create database theirs')
    })
  })

  it('a user who may not make schemas is told what to grant', async () => {
    const error = await refusal(urlOf('theirs', password, 'theirs'))
    expect(error.mend).toBe('let the database\'s owner run: grant create on database "theirs" to "theirs";')
  })

  it('the granted user makes the tables, and is refused to change them', async () => {
    const { superuser } = await readPasswords(folder)
    await as(urlOf('postgres', superuser), (client) =>
      client.query('grant create on database theirs to theirs'),
    )
    const theirs = await open('theirs')
    expect(theirs.embedded).toBe(false)
    const { entry, text } = madeEntry(fresh('theirs'), 0)
    await theirs.log.append([entry], [text])
    expect((await theirs.memo.answers([entry.recorded.recipe]))[0]?.id).toBe(entry.recorded.id)
    const url = urlOf('theirs', password, 'theirs')
    for (const sql of changes.slice(0, 6)) expect(await refused(url, sql)).toBe(denied)
    expect(await eraseTexts(await eraserUrl(theirs), [text.ref.digest])).toEqual([text.ref.digest])
    expect(await refused(url, 'delete from record.texts')).toBe(denied)
    await theirs.close()
  })

  it('another user is told each right that is missing, and works with them', async () => {
    const { mend } = await refusal(urlOf('reader', password, 'theirs'))
    const grants = mend!.replace(/^.*run: /, '')
    expect(grants).toContain('grant usage on schema record to "reader";')
    expect(grants).toContain('grant select, insert on record.records, record.texts to "reader";')
    const { superuser } = await readPasswords(folder)
    await as(urlOf('postgres', superuser, 'theirs'), (client) => client.query(grants))
    const reader = await open('reader')
    const [answer] = await reader.log.append([madeEntry(fresh('reader'), 0).entry], [])
    expect(answer?.appended).toBe(true)
    await reader.close()
  })

  it('what cannot be an address, a wrong password and a missing server are each named, without the password', async () => {
    expect((await refusal('mysql://theirs:their-secret@host/db')).mend).toContain('postgresql://USER')
    expect((await refusal('their-secret')).code).toBe('database_unusable')
    expect((await refusal(urlOf('theirs', `${password}-not`, 'theirs'))).message).toContain('refuses')
    expect((await refusal(urlOf('theirs', password, 'nowhere'))).message).toContain('nowhere')
    const { message } = await refusal(`postgresql://theirs:${password}@127.0.0.1:1/theirs`)
    expect(message).toContain('127.0.0.1:1/theirs does not answer')
  })

  it('a schema from the future, or one that is not ours, is refused', async () => {
    const url = urlOf('theirs', password, 'theirs')
    await as(url, (client) => client.query(`comment on schema record is 'hansard schema 99'`))
    expect((await refusal(url)).message).toContain('schema 99')
    await as(url, (client) => client.query(`comment on schema record is 'records of a shop'`))
    expect((await refusal(url)).message).toContain('not hansard’s')
  })
})
