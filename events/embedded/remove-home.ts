import { rm } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { HomeBusy } from './errors.ts'
import { lockWithin } from './file-lock.ts'
import { readHomeFile } from './home-file.ts'
import { startLockOf } from './keeper.ts'
import { stopPostmaster } from './postmaster.ts'
import { clusterOf } from './prepare.ts'

/** Stops a home's embedded server, whoever uses it; its next command starts it again. @throws HomeBusy where it does not stop */
export const stopHome = async (folder: string): Promise<void> => {
  const home = resolve(folder)
  const file = await readHomeFile(home)
  if (file?.state !== 'ready') return
  const lock = await lockWithin(startLockOf(home), 60_000)
  try {
    if (lock === undefined) throw new HomeBusy(home)
    const { data } = await clusterOf(home, file)
    if (!(await stopPostmaster(data, 60_000))) throw new HomeBusy(home)
  } finally {
    lock?.release()
  }
}

/** Deletes a home with all that is recorded in it, also what lies elsewhere. There is no way back. */
export const removeHome = async (folder: string): Promise<void> => {
  const home = resolve(folder)
  const file = await readHomeFile(home)
  await stopHome(home)
  if (file !== undefined) {
    if (isAbsolute(file.postgres.folder)) await rm(file.postgres.folder, { recursive: true, force: true })
    await rm(`/tmp/hansard-${file.id}`, { recursive: true, force: true })
  }
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
}
