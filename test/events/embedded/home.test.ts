import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { placeFolder } from '../../../events/embedded/data-place.ts'
import { UnusableHome } from '../../../events/embedded/errors.ts'
import { openHome } from '../../../events/embedded/home.ts'
import { readHomeFile } from '../../../events/embedded/home-file.ts'
import { runningPostmaster } from '../../../events/embedded/postmaster.ts'
import { stopHome } from '../../../events/embedded/remove-home.ts'
import { serverUser } from '../../../events/embedded/server-user.ts'
import { madeEntry } from '../../../events/testing/log-under-test.ts'
import { startCommand } from './start-command.ts'
import { temporaryHome } from './temporary-home.ts'

const isRoot = process.getuid?.() === 0

/** What opening a home says: code, sentence and mend. */
const refusal = async (folder: string): Promise<string> => {
  const error: unknown = await openHome(folder).then(
    async (home) => home.close(),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof UnusableHome))
    throw new Error('it was opened, or failed otherwise', { cause: error })
  expect(error.exit).toBe(2)
  return `${error.message} — ${error.mend}`
}

describe('a home', () => {
  const { folder, remove } = temporaryHome()
  afterAll(remove)
  const idle_ms = 400
  const { entry } = madeEntry('kept', 0)

  it('is made where there was none, with a private database that holds what is appended', async () => {
    const home = await openHome(folder, { idle_ms })
    expect(home.folder).toBe(folder)
    expect(await home.log.append([entry], [])).toEqual([
      { id: entry.recorded.id, appended: true, diverged: false },
    ])
    const blob = await home.blobs.put(Buffer.from('bytes'))
    expect(await home.blobs.has(blob.digest)).toBe(true)
    const { rows } = await home.pool.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings
       where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses') order by 1`,
    )
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      synchronous_commit: 'on',
    })
    await home.close()
  })

  it('shows its passwords to its user alone, and names its format and its Postgres', async () => {
    const mode = (path: string): number => statSync(path).mode & 0o777
    const file = await readHomeFile(folder)
    const place = placeFolder(folder, file!.postgres.folder)
    expect(file).toMatchObject({ format: 1, state: 'ready', postgres: { major: 18 } })
    expect(mode(join(folder, 'home.json'))).toBe(0o600)
    expect(mode(join(folder, 'passwords.json'))).toBe(0o600)
    expect(mode(join(place, 'data'))).toBe(0o700)
    expect(mode(join(place, `socket-${file!.id.slice(0, 8)}`))).toBe(0o700)
    expect(existsSync(join(place, 'first-password'))).toBe(false)
    const passwords = Object.values(JSON.parse(readFileSync(join(folder, 'passwords.json'), 'utf8')))
    const log = readFileSync(join(place, 'server.log'), 'utf8')
    for (const password of passwords) expect(log).not.toContain(password)
  })

  it.runIf(isRoot)(
    'of root has a server that runs as another user, elsewhere where that user is shut out',
    async () => {
      // The folder of the test is closed to all but root, as root's own is.
      const user = serverUser()!
      const file = await readHomeFile(folder)
      expect(file?.postgres.uid).toBe(user.uid)
      expect(file?.postgres.folder).toMatch(/^\/var\/(lib|tmp)\/hansard-[0-9a-f]{16}$/)
      expect(statSync(join(file!.postgres.folder, 'data')).uid).toBe(user.uid)
      expect(statSync(file!.postgres.folder).uid).toBe(0)
    },
  )

  it('stops its server when nobody has used it for a while, and starts it for the next command', async () => {
    const file = await readHomeFile(folder)
    const data = join(placeFolder(folder, file!.postgres.folder), 'data')
    const home = await openHome(folder, { idle_ms })
    // However idle a command is, the server stays as long as it runs.
    await sleep(3 * idle_ms)
    expect(runningPostmaster(data)).toBeDefined()
    await home.close()
    while (runningPostmaster(data) !== undefined) await sleep(20)
    const again = await openHome(folder, { idle_ms })
    expect((await again.memo.events([entry.recorded.id]))[0]?.id).toBe(entry.recorded.id)
    await again.close()
  })

  it('of another format, another Postgres or with damaged files is refused with what to type', async () => {
    await stopHome(folder)
    const file = join(folder, 'home.json')
    const original = readFileSync(file, 'utf8')
    const change = (edit: (home: { format: number; postgres: { major: number } }) => void): void => {
      const home = JSON.parse(original)
      edit(home)
      writeFileSync(file, JSON.stringify(home))
    }
    change((home) => (home.format = 2))
    expect(await refusal(folder)).toMatch(
      /home format 2; this hansard reads format 1 — .*hansard backup FILE/,
    )
    change((home) => (home.postgres.major = 17))
    expect(await refusal(folder)).toMatch(
      /Postgres 17; this hansard brings Postgres 18 — .*hansard restore FILE/,
    )
    writeFileSync(file, '{')
    expect(await refusal(folder)).toMatch(/home\.json is damaged/)
    writeFileSync(file, original)
    renameSync(join(folder, 'passwords.json'), join(folder, 'aside'))
    expect(await refusal(folder)).toMatch(/passwords\.json is missing or damaged/)
    renameSync(join(folder, 'aside'), join(folder, 'passwords.json'))
    const { postgres } = (await readHomeFile(folder))!
    const data = join(placeFolder(folder, postgres.folder), 'data')
    renameSync(data, `${data}-aside`)
    expect(await refusal(folder)).toMatch(/is not in .*data, where home\.json says/)
    renameSync(`${data}-aside`, data)
    const home = await openHome(folder, { idle_ms })
    expect(await home.memo.positions([entry.recorded.id])).toHaveLength(1)
    await home.close()
  })
})

describe('a first start', () => {
  const { folder, remove } = temporaryHome()
  afterAll(remove)

  it('that was killed in the middle is done over', async () => {
    const killed = startCommand({ folder, idle_ms: 10_000, what: 'open' })
    while (!existsSync(join(folder, 'home.json'))) await sleep(5)
    await sleep(300)
    await killed.killGroup()
    expect((await readHomeFile(folder))?.state).toBe('making')
    const home = await openHome(folder, { idle_ms: 10_000 })
    expect(await home.log.sizes()).toHaveLength(6)
    expect((await readHomeFile(folder))?.state).toBe('ready')
    await home.close()
  })

  it('never writes over a database whose home.json is lost', async () => {
    const orphan = join(folder, 'orphan')
    mkdirSync(join(orphan, 'postgres', 'data'), { recursive: true })
    writeFileSync(join(orphan, 'postgres', 'data', 'PG_VERSION'), '18')
    expect(await refusal(orphan)).toMatch(/has a database and no home\.json/)
    expect(existsSync(join(orphan, 'postgres', 'data', 'PG_VERSION'))).toBe(true)
    rmSync(orphan, { recursive: true })
  })

  it.runIf(isRoot)(
    'by an ordinary user runs the server as that user, its socket aside if its path were too long',
    async () => {
      const ordinary = temporaryHome('a-folder-with-a-name-that-goes-on-and-on'.repeat(4))
      const { uid, gid } = { uid: 65_534, gid: 65_534 }
      ordinary.openTo(uid, gid)
      const command = startCommand({
        folder: ordinary.folder,
        idle_ms: 1_000,
        what: 'open',
        user: { uid, gid },
      })
      expect(await command.ended).toBe(0)
      const file = await readHomeFile(ordinary.folder)
      expect(file?.postgres).toMatchObject({ folder: 'postgres', uid })
      expect(statSync(`/tmp/hansard-${file!.id}`)).toMatchObject({ uid, mode: 0o040700 })
      expect(statSync(join(ordinary.folder, 'postgres', 'data')).uid).toBe(uid)
      await ordinary.remove()
    },
  )
})
