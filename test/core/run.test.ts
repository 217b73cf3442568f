import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHome } from '../../events/embedded/home.ts'
import { readHomeFile } from '../../events/embedded/home-file.ts'
import { runningPostmaster } from '../../events/embedded/postmaster.ts'
import { clusterOf } from '../../events/embedded/prepare.ts'
import { temporaryHome, type TemporaryHome } from '../events/embedded/temporary-home.ts'
import { hansard, type RunAnswer, sealedBy, start } from './command.ts'

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const instant = fileOf('./instant.yaml')
const tiny = fileOf('../tiny.yaml')
const lock = JSON.parse(readFileSync(fileOf('../seal.lock'), 'utf8')) as {
  readonly tiny: string
  readonly instant: string
}

const homes: TemporaryHome[] = []
const newHome = (): string => {
  const home = temporaryHome()
  homes.push(home)
  return home.folder
}
afterAll(async () => {
  for (const home of homes) await home.remove()
}, 120_000)

/** Makes a home and its database, so that the first life of a run is not spent on that. */
const makeHome = async (folder: string): Promise<void> => {
  const opened = await openHome(folder)
  await opened.close()
}

/** Drops all that DBOS knows. */
const forgetWorkflows = async (folder: string): Promise<void> => {
  const opened = await openHome(folder)
  await opened.pool.query('drop schema if exists dbos cascade')
  await opened.close()
}

/** Kills the server of a home, as a machine that runs out of memory would. */
const killServer = async (folder: string): Promise<void> => {
  const file = await readHomeFile(folder)
  if (file?.state !== 'ready') return
  const pid = runningPostmaster((await clusterOf(folder, file)).data)
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

describe('a run of every stage', () => {
  const home = newHome()
  let first: RunAnswer
  beforeAll(async () => {
    first = await sealedBy(home, instant)
  }, 120_000)

  test('has the seal that its settings have everywhere', () => {
    expect(first.seal).toBe(lock.instant)
    expect(first.modelCalls).toBeGreaterThan(1_000)
  })

  test('asks no model anything the second time, failed answers included', async () => {
    const second = await sealedBy(home, instant)
    expect(second).toMatchObject({ run: first.run, seal: first.seal, events: first.events, modelCalls: 0 })
  })

  test('asks nothing either where all that DBOS knew is gone: the memo is enough', async () => {
    await forgetWorkflows(home)
    expect(await sealedBy(home, instant)).toMatchObject({ seal: first.seal, modelCalls: 0 })
  })

  test('has the same seal in a fresh home, whatever the number of workers', async () => {
    const other = await sealedBy(newHome(), instant, '--workers', '3')
    expect(other).toMatchObject({ run: first.run, seal: first.seal, modelCalls: first.modelCalls })
  })

  test('is attached to, not repeated, where it is at work already', async () => {
    const fresh = newHome()
    const both = await Promise.all([sealedBy(fresh, instant), sealedBy(fresh, instant)])
    expect(both.map(({ seal }) => seal)).toEqual([first.seal, first.seal])
    expect(both[0].modelCalls + both[1].modelCalls).toBe(first.modelCalls)
  })

  test('stops on Ctrl-C with exit code 130, says how to go on, and goes on to the same seal', async () => {
    const fresh = newHome()
    const { child, ended } = start(['run', instant, '--home', fresh, '--plain'])
    child.stderr!.on('data', (text: string) => {
      if (text.includes('Critique')) child.kill('SIGINT')
    })
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/to go on: .*run/)
    expect(await sealedBy(fresh, instant)).toMatchObject({ seal: first.seal })
  })
})

describe('a run that is killed again and again', () => {
  /** Milliseconds after which each process is killed: early and late, so that every stage is hit. */
  const lives = [1_500, 1_900, 2_300, 1_700, 2_700, 2_100, 3_100, 2_500]

  test('with its whole process group, has the seal of an undisturbed one', async () => {
    const home = newHome()
    await makeHome(home)
    let killed = 0
    for (const life of lives) {
      const { child, ended } = start(['run', instant, '--home', home, '--json'])
      await Promise.race([pause(life), ended])
      if (child.exitCode === null) {
        process.kill(-child.pid!, 'SIGKILL')
        killed++
      }
      await ended
    }
    expect(killed).toBeGreaterThan(0)
    expect(await sealedBy(home, instant)).toMatchObject({ seal: lock.instant })
  }, 180_000)

  test('with its database server too, has the seal of an undisturbed one', async () => {
    const home = newHome()
    await makeHome(home)
    for (const life of lives.slice(0, 4)) {
      const { child, ended } = start(['run', instant, '--home', home, '--json'])
      await Promise.race([pause(life), ended])
      await killServer(home)
      if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
      await ended
    }
    expect(await sealedBy(home, instant)).toMatchObject({ seal: lock.instant })
  }, 180_000)

  test('and is also stopped in the middle by the loss of all that DBOS knew', async () => {
    const home = newHome()
    await makeHome(home)
    const { child, ended } = start(['run', instant, '--home', home, '--json'])
    await pause(2_600)
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
    await ended
    await forgetWorkflows(home)
    expect(await sealedBy(home, instant)).toMatchObject({ seal: lock.instant })
  }, 120_000)
})

describe('the tiny run on the pocket model', () => {
  const home = newHome()
  test('has the locked seal, with one worker and with two', async () => {
    const [one, two] = [
      await sealedBy(home, tiny, '--workers', '1'),
      await sealedBy(newHome(), tiny, '--workers', '2'),
    ]
    expect(one.seal).toBe(lock.tiny)
    expect(two).toMatchObject({ seal: one.seal, run: one.run, modelCalls: one.modelCalls })
  }, 120_000)

  test('trains to the same weights again, from its log alone', async () => {
    const { code, stdout, stderr } = await hansard([
      'replay',
      (await sealedBy(home, tiny)).run,
      '--home',
      home,
      '--json',
    ])
    expect(stderr + String(code)).toMatch(/0$/)
    const { trainings } = JSON.parse(stdout) as {
      readonly trainings: readonly { readonly method: string; readonly equal: boolean }[]
    }
    expect(trainings.map(({ method, equal }) => [method, equal])).toEqual([
      ['sft', true],
      ['preference', true],
      ['rl', true],
    ])
  }, 120_000)

  test('asks only the labels drawn on a changed principle where the policy is held', async () => {
    const changed = await withUntrueAs('avoid what is untrue or unfair')
    const dry = await hansard([
      'run',
      tiny,
      '--home',
      home,
      '--constitution',
      changed,
      '--hold',
      'policy',
      '--dry-run',
      '--plain',
    ])
    expect(dry.code).toBe(0)
    const drawn = await labelsDrawnOn(home, 'untrue')
    const held = await sealedBy(home, tiny, '--constitution', changed, '--hold', 'policy')
    expect(held.modelCalls).toBe(drawn)
    // The last run holds a policy itself now: what is held is still the policy that was trained.
    const again = await withUntrueAs('avoid what is untrue or prying')
    expect((await sealedBy(home, tiny, '--constitution', again, '--hold', 'policy')).modelCalls).toBe(drawn)
  }, 120_000)

  /** The constitution with another wording of one principle, as a file in the home. */
  const withUntrueAs = async (wording: string): Promise<string> => {
    const file = join(home, `${wording.replaceAll(' ', '-')}.yaml`)
    const constitution = await readFile(fileOf('../../plugins/constitutions/petty-mischief.yaml'), 'utf8')
    await writeFile(file, constitution.replace('avoid what is untrue\n', `${wording}\n`))
    return file
  }
})

/** How many labels of the record rest on a principle. */
const labelsDrawnOn = async (home: string, key: string): Promise<number> => {
  const { stdout } = await hansard([
    'events',
    '--home',
    home,
    '--type',
    'principle.defined',
    '--limit',
    '100',
    '--json',
  ])
  const { events } = JSON.parse(stdout) as { readonly events: readonly { readonly id: string }[] }
  const opened = await openHome(home)
  try {
    const principles = await opened.memo.events(events.map(({ id }) => id))
    const principle = principles.find((one) => one?.event.params['key'] === key)!
    const { rows } = await opened.pool.query<{ count: string }>(
      `select count(*) from projection.edges e join projection.nodes n on n.id = e.child
        where e.parent = $1 and n.type = 'label.assigned'`,
      [Buffer.from(principle.id, 'hex')],
    )
    return Number(rows[0]!.count)
  } finally {
    await opened.close()
  }
}
