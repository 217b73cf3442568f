import { appendFile, chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { makeServersFolder } from './data-place.ts'
import { ServerDidNotStart } from './errors.ts'
import type { Passwords } from './home-file.ts'
import type { Binaries } from './platform-binaries.ts'
import { runAs, type ServerUser } from './server-user.ts'

/** Everything about one home's server that a command needs to start it or to reach it. */
export interface Cluster {
  readonly home: string
  /** The folder with the server's files. */
  readonly place: string
  readonly data: string
  readonly socket: string
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  readonly passwords: Passwords
}

/** The database and its roles. Only the bootstrap superuser is not named after us. */
export const names = {
  database: 'hansard',
  superuser: 'postgres',
  owner: 'hansard_owner',
  app: 'hansard',
  eraser: 'hansard_eraser',
} as const
export type Role = 'superuser' | 'owner' | 'app' | 'eraser'

/** The server listens on its socket only, so the port is but a part of that file's name. */
export const port = 5432

/**
 * The address of the home's database for one role. The folder of the socket stands in the query, for pg, libpq and DBOS
 * all take it there, and `new URL` refuses an empty host.
 */
export const clusterUrl = (cluster: Cluster, role: Role, database: string = names.database): string =>
  `postgresql://${names[role]}:${cluster.passwords[role]}@localhost:${port}/${database}` +
  `?host=${encodeURIComponent(cluster.socket)}`

const onLinux = process.platform === 'linux'

/** For a small machine that is busy with a model: little memory, nothing acknowledged before it is on the disk. */
const settings = (): string => `
# hansard
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 50
shared_buffers = 128MB
maintenance_work_mem = 128MB
effective_cache_size = 512MB
# /dev/shm has 64 MB in most containers
dynamic_shared_memory_type = mmap
fsync = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_compression = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
# statements may hold passwords and texts
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
${onLinux ? bySyncfs : ''}`

/** One call for the whole disk instead of one for each of a thousand files: seconds of every recovery. */
const bySyncfs = 'recovery_init_sync_method = syncfs\n'

/**
 * Makes the data folder (initdb) and its settings. A partial folder of a killed attempt is thrown away first.
 * @throws ServerDidNotStart with what initdb said
 */
export const initialiseCluster = async (cluster: Cluster): Promise<void> => {
  await rm(cluster.data, { recursive: true, force: true })
  await makeServersFolder(cluster.data, cluster.user)
  const passwordFile = join(cluster.place, 'first-password')
  await writeFile(passwordFile, cluster.passwords.superuser, { mode: 0o600 })
  if (cluster.user !== undefined) await chown(passwordFile, cluster.user.uid, cluster.user.gid)
  const { status, output } = await runAs(cluster.user, join(cluster.binaries.folder, 'bin', 'initdb'), [
    `--pgdata=${cluster.data}`,
    `--username=${names.superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(onLinux ? ['--sync-method=syncfs'] : []),
  ])
  await rm(passwordFile)
  if (status !== 0)
    throw new ServerDidNotStart(
      `initdb could not make a database in ${cluster.data}: ${output.trim()}`,
      'make room or mend the folder, and run the command again',
    )
  await appendFile(join(cluster.data, 'postgresql.conf'), settings())
}

/** Makes roles and database through a session of the superuser; does nothing that was done before. */
export const createRoles = async (client: pg.ClientBase, passwords: Passwords): Promise<void> => {
  for (const role of ['owner', 'app', 'eraser'] as const) {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [names[role]])
    // Passwords are ours: letters, digits, - and _.
    if (rowCount === 0) await client.query(`create role ${names[role]} login password '${passwords[role]}'`)
  }
  // The owner makes the schemas that belong to the app.
  await client.query(`grant ${names.app} to ${names.owner}`)
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [names.database])
  if (rowCount === 0) await client.query(`create database ${names.database} owner ${names.owner}`)
}
