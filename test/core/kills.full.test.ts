import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { openHome } from '../../events/embedded/home.ts'
import { readHomeFile } from '../../events/embedded/home-file.ts'
import { runningPostmaster } from '../../events/embedded/postmaster.ts'
import { clusterOf } from '../../events/embedded/prepare.ts'
import { seedOf } from '../../events/place.ts'
import { temporaryHome } from '../events/embedded/temporary-home.ts'
import { hansard, sealedBy, start } from './command.ts'

const tiny = fileURLToPath(new URL('../tiny.yaml', import.meta.url))
const lock = JSON.parse(readFileSync(new URL('../seal.lock', import.meta.url), 'utf8')) as {
  readonly tiny: string
}

/** Moments that nobody chose: between 0.8 and 9 seconds after the start, the same every time. */
const moment = (series: string, k: number): number => 800 + (seedOf(0, 'kill', series, 0, k) % 8_200)

describe('the tiny run on the pocket model, killed at moments that nobody chose', () => {
  const homes = [temporaryHome(), temporaryHome()]
  afterAll(async () => {
    for (const home of homes) await home.remove()
  }, 120_000)

  test.each([
    ['with its process group', 16, false],
    ['with its database server', 12, true],
  ] as const)(
    '%s, %i times, has the locked seal and a record that verifies',
    async (series, kills, serverToo) => {
      const home = homes[serverToo ? 1 : 0]!.folder
      const opened = await openHome(home)
      await opened.close()
      for (let k = 0; k < kills; k++) {
        const { child, ended } = start(['run', tiny, '--home', home, '--json'])
        await Promise.race([pause(moment(series, k)), ended])
        const file = await readHomeFile(home)
        const pid =
          serverToo && file?.state === 'ready'
            ? runningPostmaster((await clusterOf(home, file)).data)
            : undefined
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
        await ended
      }
      expect(await sealedBy(home, tiny)).toMatchObject({ seal: lock.tiny })
      const { stdout } = await hansard(['verify', '--home', home, '--json'])
      expect((JSON.parse(stdout) as { readonly bad: readonly unknown[] }).bad).toEqual([])
    },
  )
})
