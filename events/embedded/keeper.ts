import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Cluster } from './cluster.ts'
import { lockWithin, tryLock } from './file-lock.ts'
import { readHomeFile } from './home-file.ts'
import { stopPostmaster } from './postmaster.ts'
import { clusterOf } from './prepare.ts'
import { connectAs } from './server.ts'
import { bareEnvironment } from './server-user.ts'

/** How long the server stays without a session of anybody's. */
export const defaultIdle_ms = 5 * 60_000
/** A server that is gone this long is left to the next command. */
const absence_ms = 30_000

export const startLockOf = (home: string): string => join(home, 'start.lock')
const keeperLockOf = (home: string): string => join(home, 'keeper.lock')

/**
 * Sees to it that a keeper watches the home's server, in a session of its own. A keeper holds its lock for as long as it
 * lives, so one that was killed is replaced here. Call it under the home's start lock.
 */
export const ensureKeeper = (cluster: Cluster, idle_ms: number): void => {
  const free = tryLock(keeperLockOf(cluster.home))
  if (free === undefined) return
  free.release()
  const output = openSync(join(cluster.home, 'keeper.log'), 'w', 0o600)
  try {
    const program = join(import.meta.dirname, `keeper-program${extname(import.meta.filename)}`)
    const child = spawn(process.execPath, [program, cluster.home, String(idle_ms)], {
      cwd: '/',
      env: bareEnvironment(),
      detached: true,
      stdio: ['ignore', output, output],
    })
    // Without a keeper the server merely stays up; the next command tries again.
    child.on('error', () => undefined)
    child.unref()
  } finally {
    closeSync(output)
  }
}

/**
 * Watches a home's server and stops it when nobody has had a session for `idle_ms`, or the home was deleted. It starts
 * nothing: a server that was killed is the commands' to recover.
 */
export const keep = async (home: string, idle_ms: number): Promise<void> => {
  const only = await lockWithin(keeperLockOf(home), 10_000)
  if (only === undefined) return
  const file = await readHomeFile(home)
  if (file === undefined) return
  const cluster = await clusterOf(home, file)
  const interval_ms = Math.min(2_000, Math.max(50, idle_ms / 4))
  let session: pg.Client | undefined
  let lastSeen = performance.now()
  let lastBusy = performance.now()
  for (;;) {
    const others = await otherSessions(session)
    const now = performance.now()
    if (others === undefined) {
      if (now - lastSeen > absence_ms || !existsSync(join(home, 'home.json'))) return
      session = await connectAs(cluster, 'superuser', 'postgres').catch(() => undefined)
      if (session !== undefined) continue
    } else {
      lastSeen = now
      if (others > 0) lastBusy = now
      const deleted = !existsSync(join(home, 'home.json'))
      if (deleted || now - lastBusy >= idle_ms) if (await stopIfUnused(cluster, session, deleted)) return
    }
    await sleep(interval_ms)
  }
}

/** How many sessions there are beside this one; undefined where there is no server to ask. */
const otherSessions = async (session: pg.Client | undefined): Promise<number | undefined> => {
  try {
    const result = await session?.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    return result?.rows[0]?.others
  } catch {
    // The session is lost: the caller makes another.
    return undefined
  }
}

/** Stops the server under the start lock, so that no command is just about to connect to it. */
const stopIfUnused = async (
  cluster: Cluster,
  session: pg.Client | undefined,
  deleted: boolean,
): Promise<boolean> => {
  const lock = deleted ? undefined : tryLock(startLockOf(cluster.home))
  if (lock === undefined && !deleted) return false
  try {
    if (!deleted && (await otherSessions(session)) !== 0) return false
    return await stopPostmaster(cluster.data, 60_000)
  } finally {
    lock?.release()
  }
}
