import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ServerDidNotStart } from './errors.ts'

/** The user that the server runs as, where that is not the user of this process. */
export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Postgres refuses to run as root, so root hands it to `postgres`, or else to `nobody`; anyone else runs it as themselves.
 * @returns undefined where the server runs as the user of this process
 * @throws ServerDidNotStart where root finds neither user
 */
export const serverUser = (passwd = '/etc/passwd'): ServerUser | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync(passwd, 'utf8').split('\n')
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = users.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? []
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new ServerDidNotStart(
    'Postgres does not run as root, and this machine has neither a user `postgres` nor a user `nobody`',
    'run hansard as an ordinary user, or make one for the server: useradd --system postgres',
  )
}

export interface Finished {
  readonly status: number | null
  readonly output: string
}

/**
 * Runs a program to its end as the server's user, with an environment that holds no secrets.
 * @returns its exit status (null where it did not even start) and what it printed
 */
export const runAs = (
  user: ServerUser | undefined,
  program: string,
  args: readonly string[],
): Promise<Finished> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identity(user),
      cwd: '/',
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-16_384)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ status: null, output: error.message }))
    child.on('close', (status) => resolve({ status, output }))
  })

/** The part of `spawn`'s options that says who the child is. */
export const identity = (user: ServerUser | undefined): { uid?: number; gid?: number } =>
  user === undefined ? {} : { uid: user.uid, gid: user.gid }

/** A server that outlives its command must not carry the command's API keys about. */
export const bareEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  LC_ALL: 'C',
  TZ: 'UTC',
})
