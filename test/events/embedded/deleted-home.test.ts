import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { placeFolder } from '../../../events/embedded/data-place.ts'
import { openHome } from '../../../events/embedded/home.ts'
import { readHomeFile } from '../../../events/embedded/home-file.ts'
import { runningPostmaster } from '../../../events/embedded/postmaster.ts'
import { temporaryHome } from './temporary-home.ts'

const { folder, remove } = temporaryHome("people's home")

const serverPid = async (): Promise<number> => {
  const file = await readHomeFile(folder)
  return runningPostmaster(join(placeFolder(folder, file!.postgres.folder), 'data'))!
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a home that is deleted and made anew in the same folder', () => {
  afterAll(remove)

  it('goes on when the server of the deleted one ends, as it does a minute later', async () => {
    const first = await openHome(folder)
    const old = await serverPid()
    await first.close()
    await rm(folder, { recursive: true })

    const second = await openHome(folder)
    process.kill(old, 'SIGINT')
    while (isAlive(old)) await sleep(20)
    await second.close()

    const third = await openHome(folder)
    expect(await third.log.sizes()).toHaveLength(third.log.partitions)
    await third.close()
  }, 120_000)
})
