import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../postgres/error-code.ts'

/** A pid above every system's limit: no process has it. */
const nobodysPid = 2_147_483_646

/** The pid in a data folder's `postmaster.pid`, or undefined where there is no such file. */
const recordedPid = (data: string): number | undefined => {
  const pid = Number.parseInt(linesOf(data)?.[0] ?? '', 10)
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}

const linesOf = (data: string): readonly string[] | undefined => {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Whether a process is the server of this data folder, and not one that got its number after a reboot. */
const servesFolder = (pid: number, data: string): boolean => {
  try {
    // A postmaster's working directory is its data folder.
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
    return execFileSync('/bin/ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).includes(data)
  } catch {
    // It ended in between, or it is a process that we may not look at: in neither case our server.
    return false
  }
}

/** The pid of the running server of a data folder; undefined where none runs. */
export const runningPostmaster = (data: string): number | undefined => {
  const pid = recordedPid(data)
  return pid !== undefined && isAlive(pid) && servesFolder(pid, data) ? pid : undefined
}

/** Whether the server says in its file that it takes connections: asking by connecting would fill its log with refusals. */
export const isReady = (data: string): boolean => {
  if (runningPostmaster(data) === undefined) return false
  return linesOf(data)?.[statusLine]?.trim() === 'ready'
}
/** LOCK_FILE_LINE_PM_STATUS in the server's pidfile.h, from 0. */
const statusLine = 7

/**
 * After a kill or a reboot `postmaster.pid` may name a process that is somebody else's by now, and Postgres would refuse to
 * start for ever. The number is replaced by nobody's, and the rest kept: Postgres still checks that no process of the dead
 * server holds its shared memory.
 */
export const disownStalePid = (data: string): void => {
  const pid = recordedPid(data)
  if (pid === undefined || !isAlive(pid) || servesFolder(pid, data)) return
  const file = join(data, 'postmaster.pid')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(nobodysPid)))
}

/** Asks the server to end its sessions and stop (SIGINT, "fast"), and waits until it has; true when it has. */
export const stopPostmaster = async (data: string, wait_ms: number): Promise<boolean> => {
  const pid = runningPostmaster(data)
  if (pid === undefined) return true
  process.kill(pid, 'SIGINT')
  const deadline = performance.now() + wait_ms
  // Not until its file is gone: until it is. Its last acts come after that file's removal.
  while (isAlive(pid) && servesFolder(pid, data)) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}
