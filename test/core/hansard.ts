import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

const shim = join(import.meta.dirname, '..', '..', 'bin', 'hansard.cjs')

export interface Calling {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the built command line as a person would, and waits for its end. */
export const hansard = (args: readonly string[], calling: Calling = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { HANSARD_DATABASE_URL: _database, npm_command: _npm, ...inherited } = process.env
    const child = spawn(process.execPath, [shim, ...args], {
      cwd: calling.cwd,
      env: { ...inherited, NO_COLOR: '1', COLUMNS: '80', ...calling.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, stdout, stderr }))
  })
