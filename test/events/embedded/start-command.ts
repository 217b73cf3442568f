import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A command in a process group of its own. */
export interface StartedCommand {
  readonly child: ChildProcess
  /** Lines that it printed so far. */
  readonly lines: readonly string[]
  /** What it said on stderr so far. */
  readonly errors: () => string
  /** Resolves with its exit status when it has ended, and all it printed is in `lines`. */
  readonly ended: Promise<number | null>
  /** Resolves when it has printed so many lines; rejects where it ends before. */
  readonly printed: (count: number) => Promise<void>
  /** kill -9 to its whole group. */
  readonly killGroup: () => Promise<void>
}

export interface CommandSettings {
  readonly folder: string
  readonly idle_ms: number
  readonly what: 'open' | 'hold' | 'write'
  readonly subject?: string
  readonly user?: { readonly uid: number; readonly gid: number }
}

export const startCommand = (settings: CommandSettings): StartedCommand => {
  const { folder, idle_ms, what, subject = '', user } = settings
  const program = join(import.meta.dirname, 'command-program.ts')
  const child = spawn(process.execPath, [program, folder, String(idle_ms), what, subject], {
    ...user,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => child.exitCode)
  const printed = async (count: number): Promise<void> => {
    while (lines.length < count) {
      await Promise.race([once(reader, 'line'), ended])
      if (lines.length < count && child.exitCode !== null) throw new Error(`it ended early: ${errors}`)
    }
  }
  const killGroup = async (): Promise<void> => {
    process.kill(-child.pid!, 'SIGKILL')
    await ended
  }
  return { child, lines, errors: () => errors, ended, printed, killGroup }
}
