import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageFolder } from '../plugins/shipped.ts'

export interface Detached {
  readonly pid: number
  /** File that its progress is appended to. */
  readonly log: string
}

/** What ends at once never began; it is reported like a failure of the command itself. */
export interface NotDetached {
  readonly exit: number
  readonly log: string
  /** What it wrote before it ended. */
  readonly said: string
}

/** A run that cannot begin says so within this time. */
const beginsWithin_ms = 1_000
const shownOfLog_bytes = 4_000

/**
 * Starts hansard in the background, in a session of its own: it outlives the terminal, and no Ctrl-C reaches it.
 * @param args the command line after `hansard`, without `--detach`
 * @param name names the log, `<home>/runs/<name>.log`; the run’s id
 */
export const startDetached = async (
  home: string,
  name: string,
  args: readonly string[],
): Promise<Detached | NotDetached> => {
  const folder = join(home, 'runs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'a', 0o600)
  let ended: { exit: number } | undefined
  try {
    const child = spawn(process.execPath, [join(packageFolder, 'bin', 'hansard.cjs'), ...args], {
      detached: true,
      stdio: ['ignore', output, output],
    })
    const failure = new Promise<never>((_, reject) => child.on('error', reject))
    child.on('exit', (code) => (ended = { exit: code ?? 1 }))
    await Promise.race([failure, sleep(beginsWithin_ms)])
    child.unref()
    if (ended === undefined || ended.exit === 0) return { pid: child.pid ?? 0, log }
    return { exit: ended.exit, log, said: readFileSync(log, 'utf8').slice(-shownOfLog_bytes).trimEnd() }
  } finally {
    closeSync(output)
  }
}
