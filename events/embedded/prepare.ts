import { existsSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../postgres/error-code.ts'
import { migrate, schemaVersion } from '../postgres/migrate.ts'
import { migrations } from '../postgres/schema.ts'
import { createRoles, initialiseCluster, names, type Cluster } from './cluster.ts'
import { insideHome, makePlace, placeFolder, socketFolder } from './data-place.ts'
import { UnusableHome } from './errors.ts'
import {
  homeFormat,
  newId,
  newPasswords,
  readHomeFile,
  readPasswords,
  writeHomeFile,
  writePasswords,
  type HomeFile,
} from './home-file.ts'
import { runningPostmaster, stopPostmaster } from './postmaster.ts'
import { packagedBinaries, runnableBinaries } from './platform-binaries.ts'
import { connectAs, ensureServer } from './server.ts'
import { serverUser, type ServerUser } from './server-user.ts'

/**
 * Makes a home's folder; root's is open to be walked through, for the server runs as another user.
 * @throws UnusableHome where the folder cannot be made
 */
export const makeHomeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  } catch (cause) {
    throw new UnusableHome(
      `the home ${folder} cannot be made: ${codeOf(cause)}`,
      'choose a folder that you may write to',
      cause,
    )
  }
}

/**
 * Brings a home's server up, whatever state it is in: makes its database where there is none, starts it, recovers it,
 * migrates it. Call it under the home's start lock.
 * @param folder the home, absolute
 * @throws UnusableHome, NoPostgresBinaries, ServerDidNotStart, DatabaseUnusable
 */
export const bringUp = async (folder: string): Promise<Cluster> => {
  const home = await readHomeFile(folder)
  if (home?.state === 'ready') {
    const cluster = await clusterOf(folder, home)
    await ensureServer(cluster)
    await migrateCluster(cluster)
    return cluster
  }
  return makeCluster(folder, home)
}

/** The cluster of a home that is complete, without touching its server. */
export const clusterOf = async (folder: string, home: HomeFile): Promise<Cluster> => {
  const packaged = await packagedBinaries()
  const { postgres } = home
  if (postgres.major !== packaged.major)
    throw new UnusableHome(
      `the database of ${folder} was made by Postgres ${postgres.major}; this hansard brings Postgres ${packaged.major}`,
      'write a backup with the hansard that made it (`hansard backup FILE`), and restore it into a new home with this one (`hansard restore FILE`)',
    )
  const place = placeFolder(folder, postgres.folder)
  const data = join(place, 'data')
  if (!existsSync(join(data, 'PG_VERSION')))
    throw new UnusableHome(
      `the database of ${folder} is not in ${data}, where home.json says it is`,
      'put the folder back, or restore a backup into a new home (`hansard restore FILE`)',
    )
  const user = ownerOf(folder, postgres.uid, data)
  // Whether they run is tried before a start, not by every command that joins a running server.
  const binaries =
    runningPostmaster(data) === undefined
      ? await runnableBinaries(packaged, user, place)
      : { ...packaged, folder: postgres.binaries }
  if (binaries.folder !== postgres.binaries)
    await writeHomeFile(folder, { ...home, postgres: { ...postgres, binaries: binaries.folder } })
  const socket = await socketFolder(place, home.id, user)
  return { home: folder, place, data, socket, binaries, user, passwords: await readPasswords(folder) }
}

/** Whose server it is: only its owner, or root on the owner's behalf, may start it. */
const ownerOf = (folder: string, uid: number, data: string): ServerUser | undefined => {
  const own = process.getuid?.()
  if (own === uid) return undefined
  if (own === 0) return { name: `user ${uid}`, uid, gid: statSync(data).gid }
  throw new UnusableHome(
    `the database of ${folder} belongs to user ${uid}, and you are user ${own}`,
    'run hansard as the user who made this home, or choose a home of your own',
  )
}

const makeCluster = async (folder: string, begun: HomeFile | undefined): Promise<Cluster> => {
  const packaged = await packagedBinaries()
  const user = serverUser()
  if (begun === undefined) refuseOrphan(folder)
  else await removeAttempt(placeFolder(folder, begun.postgres.folder))
  const id = begun?.id ?? newId()
  const placed = await makePlace(folder, id, user)
  const place = placeFolder(folder, placed)
  const home: HomeFile = {
    format: homeFormat,
    id,
    state: 'making',
    postgres: {
      major: packaged.major,
      folder: placed,
      uid: user?.uid ?? process.getuid?.() ?? -1,
      binaries: packaged.folder,
    },
  }
  const passwords = newPasswords()
  await writePasswords(folder, passwords)
  await writeHomeFile(folder, home)
  const binaries = await runnableBinaries(packaged, user, place)
  const socket = await socketFolder(place, id, user)
  const cluster: Cluster = {
    home: folder,
    place,
    data: join(place, 'data'),
    socket,
    binaries,
    user,
    passwords,
  }
  await initialiseCluster(cluster)
  await ensureServer(cluster)
  const client = await connectAs(cluster, 'superuser', 'postgres')
  try {
    await createRoles(client, passwords)
  } finally {
    await client.end()
  }
  const database = await connectAs(cluster, 'superuser')
  try {
    await database.query(`grant create on database ${names.database} to ${names.app}`)
  } finally {
    await database.end()
  }
  await migrateCluster(cluster)
  await writeHomeFile(folder, {
    ...home,
    state: 'ready',
    postgres: { ...home.postgres, binaries: binaries.folder },
  })
  return cluster
}

/** What a first start left behind that was killed, its server included; nothing was acknowledged yet. */
const removeAttempt = async (place: string): Promise<void> => {
  if (existsSync(join(place, 'data'))) await stopPostmaster(join(place, 'data'), 60_000)
  await rm(place, { recursive: true, force: true })
}

/** A database without its home.json is somebody's record, and nothing here may write over it. */
const refuseOrphan = (folder: string): void => {
  if (existsSync(join(folder, insideHome, 'data')))
    throw new UnusableHome(
      `${folder} has a database and no home.json`,
      `put home.json and passwords.json back from a copy, or move ${join(folder, insideHome)} away`,
    )
}

const migrateCluster = async (cluster: Cluster): Promise<void> => {
  const client = await connectAs(cluster, 'owner')
  try {
    if ((await schemaVersion(client)) < migrations.length)
      await migrate(client, { app: names.app, eraser: names.eraser })
  } finally {
    await client.end()
  }
}
