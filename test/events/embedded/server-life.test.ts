import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tryLock } from '../../../events/embedded/file-lock.ts'
import { openHome, type Home } from '../../../events/embedded/home.ts'
import { readHomeFile } from '../../../events/embedded/home-file.ts'
import { placeFolder } from '../../../events/embedded/data-place.ts'
import { runningPostmaster } from '../../../events/embedded/postmaster.ts'
import { stopHome } from '../../../events/embedded/remove-home.ts'
import { fresh, madeEntry, readAll } from '../../../events/testing/log-under-test.ts'
import { startCommand } from './start-command.ts'
import { temporaryHome } from './temporary-home.ts'

const { folder, remove } = temporaryHome()
const idle_ms = 60_000
const command = (what: 'open' | 'hold' | 'write', subject = ''): ReturnType<typeof startCommand> =>
  startCommand({ folder, idle_ms, what, subject })

const dataFolder = async (): Promise<string> => {
  const file = await readHomeFile(folder)
  return join(placeFolder(folder, file!.postgres.folder), 'data')
}
const serverPid = async (): Promise<number | undefined> => runningPostmaster(await dataFolder())

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20)
}

const using = async <T>(work: (home: Home) => Promise<T>): Promise<T> => {
  const home = await openHome(folder, { idle_ms })
  try {
    return await work(home)
  } finally {
    await home.close()
  }
}

/** All ids in the log; fails where offsets have a gap. */
const idsInLog = (home: Home): Promise<ReadonlySet<string>> =>
  home.pool
    .query<{ id: string; gap: boolean }>(
      `select encode(id, 'hex') as id, off <> row_number() over (partition by partition order by off) - 1 as gap
       from record.records`,
    )
    .then(({ rows }) => {
      expect(rows.filter((row) => row.gap)).toEqual([])
      return new Set(rows.map((row) => row.id))
    })

describe('the embedded server', () => {
  beforeAll(async () => {
    // Nothing is there yet: both make the home, and one of them waits for the other.
    const both = [command('open'), command('open')]
    const statuses = await Promise.all(both.map((one) => one.ended))
    expect(both.map((one) => one.errors())).toEqual(['', ''])
    expect(statuses).toEqual([0, 0])
    expect(both[0]!.lines).toEqual(both[1]!.lines)
  })
  afterAll(remove)

  it('outlives the commands that started it', async () => {
    const pid = await serverPid()
    expect(pid).toBeDefined()
    await using(async () => expect(await serverPid()).toBe(pid))
  })

  it('is not reached by a kill -9 of a command and its whole group', async () => {
    const pid = await serverPid()
    const held = command('hold')
    await held.printed(1)
    await held.killGroup()
    expect(await serverPid()).toBe(pid)
    await using((home) => home.log.append([madeEntry(fresh('after'), 0).entry], []))
  })

  it('is not reached by Ctrl-C', async () => {
    const pid = await serverPid()
    const held = command('hold')
    await held.printed(1)
    process.kill(-held.child.pid!, 'SIGINT')
    await held.ended
    expect(await serverPid()).toBe(pid)
  })

  it('has, after a writer was killed in the middle, all that was acknowledged, and no gap', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = command('write', fresh('killed'))
      await writer.printed(4 + round)
      await writer.killGroup()
      const acknowledged = writer.lines.slice(1).flatMap((line) => line.split(' '))
      const ids = await using(idsInLog)
      expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
    }
  })

  it('is brought up by the next command after a kill -9 of its own', async () => {
    const { entry, text } = madeEntry(fresh('kept'), 0)
    await using((home) => home.log.append([entry], [text]))
    process.kill((await serverPid())!, 'SIGKILL')
    await using(async (home) => {
      const [found] = await home.memo.events([entry.recorded.id])
      expect(found?.id).toBe(entry.recorded.id)
      expect(await home.memo.texts([text.ref.digest])).toEqual([text.text])
    })
  })

  it('comes back beneath running commands when it is killed, and loses nothing that they were told', async () => {
    const writer = command('write', fresh('survives'))
    await using(async (home) => {
      const waits: (string | undefined)[] = []
      const listening = await openHome(folder, { idle_ms, onWait: (trouble) => waits.push(trouble?.code) })
      for (let round = 0; round < 2; round++) {
        await writer.printed(writer.lines.length + 3)
        process.kill((await serverPid())!, 'SIGKILL')
        await listening.log.append([madeEntry(fresh('beside'), round).entry], [])
        await writer.printed(writer.lines.length + 3)
      }
      await writer.killGroup()
      const acknowledged = writer.lines.slice(1).flatMap((line) => line.split(' '))
      const ids = await idsInLog(home)
      expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
      expect(writer.errors()).toBe('')
      expect(waits.length % 2).toBe(0)
      for (const [index, wait] of waits.entries())
        expect(wait).toBe(index % 2 === 0 ? 'database_gone' : undefined)
      await listening.close()
    })
  })

  it('is watched by a new keeper when the old one was killed', async () => {
    await using(async () => {
      const keeper = await keeperPid()
      process.kill(keeper, 'SIGKILL')
      await until(() => !existsSync(`/proc/${keeper}/cwd`))
      await using(async () => {
        await until(async () => (await keeperPid().catch(() => keeper)) !== keeper)
      })
      // The lock that the dead one held is the new one's.
      await until(() => {
        const free = tryLock(join(folder, 'keeper.lock'))
        free?.release()
        return free === undefined
      })
    })
  })

  it('starts although its pid file names a process that is somebody else’s by now', async () => {
    const pidFile = join(await dataFolder(), 'postmaster.pid')
    const lines = readFileSync(pidFile, 'utf8').split('\n')
    await stopHome(folder)
    writeFileSync(pidFile, [process.pid, ...lines.slice(1)].join('\n'))
    await using(async (home) => expect((await home.log.sizes()).length).toBe(6))
    await using(async (home) => expect((await readAll(home.log, 0)).length).toBeGreaterThan(0))
  })
})

/** The keeper of the home, found by its arguments. */
const keeperPid = async (): Promise<number> => {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const file = `/proc/${pid}/cmdline`
    const args = existsSync(file) ? readFileSync(file, 'utf8').split('\0') : []
    if (args[1]?.includes('keeper-program') === true && args[2] === folder) return Number(pid)
  }
  throw new Error('no keeper')
}
