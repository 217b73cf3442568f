import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { codeOf, saidBy } from '../postgres/error-code.ts'
import { clusterUrl, names, type Cluster, type Role } from './cluster.ts'
import { ServerDidNotStart } from './errors.ts'
import { disownStalePid, isReady, runningPostmaster } from './postmaster.ts'
import { bareEnvironment, identity } from './server-user.ts'

/** Crash recovery of a large log takes its time; past this something is wrong. */
const startup_ms = 120_000
const longestLog_bytes = 5_000_000

/** The server's own log, in its place. */
export const serverLog = (cluster: Cluster): string => join(cluster.place, 'server.log')

/**
 * Sees to it that the server runs and takes connections: starts it, waits while it recovers, leaves it alone where it runs.
 * Call it under the home's start lock.
 * @throws ServerDidNotStart with the last lines of the server's log
 */
export const ensureServer = async (cluster: Cluster): Promise<void> => {
  const deadline = performance.now() + startup_ms
  for (;;) {
    const launched = runningPostmaster(cluster.data) === undefined ? launch(cluster) : undefined
    const trouble = await answers(cluster, launched, deadline)
    if (trouble === undefined) return
    if (performance.now() > deadline || !mayPass(trouble, launched))
      throw new ServerDidNotStart(
        `the embedded Postgres of ${cluster.home} does not start: ${trouble}`,
        trouble.includes('No space left')
          ? 'make room on its disk, and run the command again'
          : `look into ${serverLog(cluster)}; once its cause is mended, run the command again`,
      )
    await sleep(200)
  }
}

/**
 * Whether another attempt may do better: one that was not ours has just ended (it was killed, say), or processes of a server
 * that was killed hold its shared memory until they notice.
 */
const mayPass = (trouble: string, launched: Launched | undefined): boolean =>
  !hopeless.test(trouble) && (launched === undefined || /still in use|lock file|is being used/.test(trouble))

interface Launched {
  readonly child: ChildProcess
  /** Where its part of the server's log begins. */
  readonly logFrom: number
}

/** A name in one of Postgres' lists of names, whatever characters a path has. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Starts a server in a session of its own: no signal for a command or its group reaches it, and it outlives both. */
const launch = (cluster: Cluster): Launched => {
  disownStalePid(cluster.data)
  const log = serverLog(cluster)
  if (existsSync(log) && statSync(log).size > longestLog_bytes) truncateSync(log)
  const output = openSync(log, 'a', 0o600)
  try {
    const logFrom = fstatSync(output).size
    // Not in its settings' file: a home may be moved.
    const where = `unix_socket_directories=${quoted(cluster.socket)}`
    const child = spawn(join(cluster.binaries.folder, 'bin', 'postgres'), ['-D', cluster.data, '-c', where], {
      ...identity(cluster.user),
      cwd: '/',
      env: bareEnvironment(),
      detached: true,
      stdio: ['ignore', output, output],
    })
    // Why it failed is seen in that nobody answers; an unheard 'error' event would end this process.
    child.on('error', () => undefined)
    child.unref()
    return { child, logFrom }
  } finally {
    closeSync(output)
  }
}

/** Waits until the server answers. @returns undefined when it does, or what kept it from it */
const answers = async (
  cluster: Cluster,
  launched: Launched | undefined,
  deadline: number,
): Promise<string | undefined> => {
  for (;;) {
    if (isReady(cluster.data)) {
      const trouble = await tryConnect(cluster)
      if (trouble === undefined || hopeless.test(trouble)) return trouble
    }
    if (performance.now() > deadline) return 'it does not become ready'
    if (launched === undefined ? runningPostmaster(cluster.data) === undefined : hasEnded(launched.child))
      return launched === undefined ? 'it has just ended' : lastLine(cluster, launched.logFrom)
    await sleep(10)
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined

/** Troubles that waiting does not mend, by the class of their SQLSTATE: refused passwords, an unknown role or database. */
const hopeless = /^(28|3D)\w{3}: /

const tryConnect = async (cluster: Cluster): Promise<string | undefined> => {
  try {
    const client = await connectAs(cluster, 'superuser', 'postgres')
    await client.end()
    return undefined
  } catch (error) {
    return `${codeOf(error)}: ${saidBy(error)}`
  }
}

/** One session of a role; its errors reject queries and never end the process. */
export const connectAs = async (cluster: Cluster, role: Role, database?: string): Promise<Client> => {
  const client = new Client({
    connectionString: clusterUrl(cluster, role, database),
    application_name: `hansard ${names[role]}`,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** The last line of a server's log that names a trouble, and not merely its refusal of those who came too early. */
const lastLine = (cluster: Cluster, from: number): string => {
  const log = readFileSync(serverLog(cluster)).subarray(from).toString().trimEnd().split('\n')
  const lines = log.filter((line) => !/not yet accepting|starting up|shutting down|DETAIL:/.test(line))
  const fatal = lines.findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? lines.at(-1)
  return fatal?.replace(/^.*?(FATAL|PANIC)/, '$1') ?? 'it ended without a word'
}
