import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { saidBy } from '../postgres/error-code.ts'
import { UnusableHome } from './errors.ts'

/** A lock that is held until it is released or its process ends, however it ends. */
export interface FileLock {
  release(): void
}

/**
 * Takes an exclusive lock if nobody holds it. Node has no `flock`, and a file with a pid in it can outlive its process and
 * meet a reused pid; SQLite's exclusive transaction is a lock of the operating system, dropped by the kernel with the process.
 * @returns undefined where another process, or another holder in this one, has it
 * @throws UnusableHome where the file cannot be made or opened
 */
export const tryLock = (file: string): FileLock | undefined => {
  const database = openFile(file)
  try {
    database.exec('pragma busy_timeout = 0; pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return { release: () => database.close() }
}

/** Takes the lock, waiting for it at most `wait_ms`; undefined when the time ran out. */
export const lockWithin = async (file: string, wait_ms: number): Promise<FileLock | undefined> => {
  const deadline = performance.now() + wait_ms
  for (;;) {
    const lock = tryLock(file)
    if (lock !== undefined || performance.now() >= deadline) return lock
    await sleep(25)
  }
}

const openFile = (file: string): DatabaseSync => {
  try {
    return new DatabaseSync(file)
  } catch (cause) {
    throw new UnusableHome(
      `the lock file ${file} cannot be opened: ${saidBy(cause)}`,
      'run hansard as the user who made this home, or choose a home of your own',
      cause,
    )
  }
}

const sqliteBusy = 5
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
