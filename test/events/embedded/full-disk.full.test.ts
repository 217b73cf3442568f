import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHome, type Home } from '../../../events/embedded/home.ts'
import { removeHome } from '../../../events/embedded/remove-home.ts'
import { fresh, madeEntry } from '../../../events/testing/log-under-test.ts'

const disk = mkdtempSync(join(tmpdir(), 'hansard-disk-'))
const mount = (...args: string[]): void => {
  execFileSync('mount', ['-t', 'tmpfs', ...args, 'tmpfs', disk], { stdio: 'ignore' })
}

/** A real small disk needs the right to mount one. */
const mayMount = ((): boolean => {
  try {
    mount('-o', 'size=1m')
    execFileSync('umount', [disk])
    return true
  } catch {
    return false
  }
})()

/** The server's last process may still be leaving the disk. */
const unmount = async (): Promise<void> => {
  for (let left = 50; ; left--) {
    try {
      execFileSync('umount', [disk], { stdio: 'ignore' })
      return
    } catch (error) {
      if (left === 0) throw error
      await pause(200)
    }
  }
}

describe.runIf(mayMount)('on a disk that fills up', () => {
  const folder = join(disk, 'home')
  beforeEach(() => mount('-o', 'size=180m,mode=755'))
  afterEach(async () => {
    await removeHome(folder)
    await unmount()
  })
  afterAll(() => rmSync(disk, { recursive: true }))

  /** Appends until it has waited for room, which is made meanwhile, and some more; all that was acknowledged. */
  const writeThrough = async (home: Home, resumed: () => boolean): Promise<readonly string[]> => {
    const acknowledged: string[] = []
    for (let more = 5; more > 0; more -= resumed() ? 1 : 0) {
      const made = Array.from({ length: 400 }, (_, i) => madeEntry(fresh('full'), i, fresh('x').repeat(80)))
      const answers = await home.log.append(
        made.map(({ entry }) => entry),
        made.map(({ text }) => text),
      )
      acknowledged.push(...answers.map((answer) => answer.id))
    }
    return acknowledged
  }

  it('appending waits and says why, reading goes on, and appending goes on when there is room', async () => {
    const waits: (string | undefined)[] = []
    const told = Promise.withResolvers<void>()
    const home = await openHome(folder, {
      idle_ms: 1_000,
      reserve_bytes: 64 * 2 ** 20,
      onWait: (trouble) => {
        waits.push(trouble?.code)
        if (trouble !== undefined) told.resolve()
      },
    })
    const [first] = await home.log.append([madeEntry(fresh('first'), 0).entry], [])
    const writing = writeThrough(home, () => waits.length === 2)
    await told.promise
    expect(await home.memo.events([first!.id])).toHaveLength(1)
    expect((await home.log.sizes()).length).toBe(6)
    mount('-o', 'remount,size=400m')
    const acknowledged = await writing
    expect(waits).toEqual(['database_full', undefined])
    expect((await home.memo.positions(acknowledged)).filter((place) => place === undefined)).toEqual([])
    await home.close()
  })

  it('a server that the full disk took down comes back with all that was acknowledged', async () => {
    const waits: (string | undefined)[] = []
    const home = await openHome(folder, {
      idle_ms: 1_000,
      reserve_bytes: 0,
      onWait: (trouble) => {
        waits.push(trouble?.code)
        if (trouble?.code === 'database_full') setTimeout(() => mount('-o', 'remount,size=400m'), 1_000)
      },
    })
    const acknowledged = await writeThrough(
      home,
      () => waits.includes('database_full') && waits.at(-1) === undefined,
    )
    expect((await home.memo.positions(acknowledged)).filter((place) => place === undefined)).toEqual([])
    await home.close()
  })
})
