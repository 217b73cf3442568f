import { statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type pg from 'pg'
import type { BlobStore } from '../blobs.ts'
import { openDirectoryBlobs } from '../directory-blobs.ts'
import type { EventLog } from '../log.ts'
import type { Memo } from '../memo.ts'
import { Database, type DatabaseOptions } from '../postgres/database.ts'
import { troubleOf } from '../postgres/database-errors.ts'
import { openExternal } from '../postgres/external.ts'
import { PostgresLog } from '../postgres/postgres-log.ts'
import { PostgresMemo } from '../postgres/postgres-memo.ts'
import { clusterUrl, type Cluster } from './cluster.ts'
import { ServerDidNotStart } from './errors.ts'
import { lockWithin } from './file-lock.ts'
import { defaultIdle_ms, ensureKeeper, startLockOf } from './keeper.ts'
import { bringUp, makeHomeFolder } from './prepare.ts'
import { Presence } from './presence.ts'
import { connectAs } from './server.ts'

/** An open home: the record, and the database for what is made from it. */
export interface Home {
  /** Absolute path. */
  readonly folder: string
  /** Whether the database is the home's own, and not one named in HANSARD_DATABASE_URL. */
  readonly embedded: boolean
  /** Address of the database for the app's role, with its password: never print it. */
  readonly url: string
  /** Sessions of the app's role. */
  readonly pool: pg.Pool
  readonly log: EventLog
  readonly memo: Memo
  readonly blobs: BlobStore
  close(): Promise<void>
}

export interface HomeOptions extends Pick<DatabaseOptions, 'sessions' | 'onWait'> {
  /** How long an embedded server stays up after the last session of anybody's; default 5 minutes. */
  readonly idle_ms?: number
  /** Room that appends leave on the disk of an embedded server, for what it needs to go on at all; default 256 MiB. */
  readonly reserve_bytes?: number
  /** A Postgres of your own instead of the embedded one; default the environment's HANSARD_DATABASE_URL. */
  readonly databaseUrl?: string | undefined
}

/** Waiting for another command that starts the server: making a database on a slow disk is within it. */
const startLock_ms = 180_000
const startAttempts = 3

/**
 * Opens the home in a folder (such as `.hansard`), making it where there is none. Without a database address it starts, or
 * joins, the home's embedded Postgres, which outlives this process.
 * @throws UnusableHome, NoPostgresBinaries, ServerDidNotStart, DatabaseUnusable, DatabaseGone
 */
export const openHome = async (folder: string, options: HomeOptions = {}): Promise<Home> => {
  const home = resolve(folder)
  const address = options.databaseUrl ?? process.env['HANSARD_DATABASE_URL']
  await makeHomeFolder(home)
  if (address !== undefined && address !== '')
    return finish(home, address, await openExternal(address, options))
  let cluster: Cluster | undefined
  const presence = await Presence.enter(async () => {
    const lock = await lockWithin(startLockOf(home), startLock_ms)
    if (lock === undefined)
      throw new ServerDidNotStart(
        `another command has been starting the database of ${home} for ${startLock_ms / 1_000} s`,
        'wait for it, or end it, and run this one again',
      )
    try {
      for (let attempt = 0; ; attempt++)
        try {
          cluster = await bringUp(home)
          // Under the lock: a keeper about to stop the server sees this session first.
          const client = await connectAs(cluster, 'app')
          ensureKeeper(cluster, options.idle_ms ?? defaultIdle_ms)
          return client
        } catch (error) {
          // Killed between its start and our session: once more.
          if (attempt === startAttempts || troubleOf(error) !== 'gone') throw error
        }
    } finally {
      lock.release()
    }
  })
  const url = clusterUrl(cluster!, 'app')
  const { place } = cluster!
  const database = new Database(url, {
    ...options,
    why: () => presence.trouble,
    hasRoom: () => hasRoom(place, options.reserve_bytes ?? defaultReserve_bytes),
  })
  return finish(home, url, database, presence)
}

/** Sixteen segments of Postgres' own log: work goes on, and a restart has room to recover. */
const defaultReserve_bytes = 256 * 2 ** 20

const hasRoom = async (folder: string, reserve_bytes: number): Promise<boolean> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize >= reserve_bytes
}

const finish = async (
  folder: string,
  url: string,
  database: Database,
  presence?: Presence,
): Promise<Home> => {
  const close = async (): Promise<void> => {
    await database.close()
    await presence?.leave()
  }
  try {
    return {
      folder,
      embedded: presence !== undefined,
      url,
      pool: database.pool,
      log: await PostgresLog.open(database),
      memo: new PostgresMemo(database),
      blobs: await openDirectoryBlobs(join(folder, 'blobs')),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
