import { existsSync } from 'node:fs'
import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { openHome } from '../events/embedded/home.ts'
import { readHomeFile } from '../events/embedded/home-file.ts'
import { packagedBinaries } from '../events/embedded/platform-binaries.ts'
import { HansardError } from '../events/errors.ts'
import { builtInPlugins } from '../plugins/built-in.ts'
import { openPlugins } from '../plugins/loader.ts'
import { byteSize, counted, grouped } from '../tui/numbers.ts'
import type { Check } from '../tui/doctor-page.ts'
import { withoutSecrets } from './secrets.ts'

/** The default run writes about a tenth of this; with less, trouble is near. */
const littleDisk_bytes = 2_000_000_000
const littleMemory_bytes = 2_000_000_000

/** What an error says and how it is mended, as a check. */
const troubled = (name: string, state: Check['state'], error: unknown): Check => {
  const says = withoutSecrets(error instanceof Error ? error.message : String(error))
  const mend = error instanceof HansardError ? error.mend : undefined
  return { name, state, says, mend: mend ?? 'this was not expected: --debug shows more on any other command' }
}

const checked = (name: string, look: () => Promise<Check>): Promise<Check> =>
  look().catch((error: unknown) => troubled(name, 'bad', error))

const node = (): Check => ({
  name: 'Node',
  state: 'fine',
  says: `${process.version} at ${process.execPath}`,
})

const workers = (): Check => {
  const cores = availableParallelism()
  const memory = totalmem()
  const says = `${counted(cores, 'cores')}, ${byteSize(memory)} of memory, ${byteSize(freemem())} free`
  if (memory < littleMemory_bytes)
    return { name: 'machine', state: 'warn', says, mend: 'close other programs while a run is going on' }
  return { name: 'machine', state: 'fine', says }
}

const ownDatabase = (): boolean => Boolean(process.env['HANSARD_DATABASE_URL'])

const postgres = async (): Promise<Check> => {
  if (ownDatabase())
    return { name: 'Postgres', state: 'fine', says: 'one of your own, named by HANSARD_DATABASE_URL' }
  const { version, folder } = await packagedBinaries()
  return {
    name: 'Postgres',
    state: 'fine',
    says: `embedded ${version}, its libraries are linked, in ${folder}`,
  }
}

/** The folder itself, or the nearest one above that is there: where its files would be made. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const rights = async (home: string): Promise<Check> => {
  const folder = nearest(home)
  try {
    await rmdir(await mkdtemp(join(folder, '.hansard-probe-')))
    return { name: 'rights', state: 'fine', says: `${folder} can be written` }
  } catch (error) {
    return {
      name: 'rights',
      state: 'bad',
      says: `${folder} cannot be written by this user (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`,
      mend: 'name another folder with --home DIR, or give yourself the right to write there',
    }
  }
}

const disk = async (home: string): Promise<Check> => {
  const folder = nearest(home)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const says = `${byteSize(free)} free where ${folder} is`
  return free < littleDisk_bytes
    ? {
        name: 'disk',
        state: 'warn',
        says,
        mend: 'make room, or name a folder on another disk with --home DIR',
      }
    : { name: 'disk', state: 'fine', says }
}

const record = async (home: string): Promise<readonly Check[]> => {
  const file = await readHomeFile(home)
  if (file === undefined && !ownDatabase())
    return [{ name: 'record', state: 'fine', says: `none in ${home} yet: \`hansard run\` makes it` }]
  const format: readonly Check[] =
    file === undefined
      ? []
      : [
          {
            name: 'record',
            state: 'fine',
            says: `${join(home, 'home.json')}: format ${file.format}, Postgres ${file.postgres.major}`,
          },
        ]
  const server = await checked('server', async () => {
    const started = performance.now()
    const opened = await openHome(home)
    try {
      const sizes = await opened.log.sizes()
      const events = sizes.reduce((sum, { next }) => sum + next, 0)
      const took_ms = Math.round(performance.now() - started)
      return {
        name: 'server',
        state: 'fine',
        says: `answers after ${grouped(took_ms)} ms and holds ${counted(events, 'events')}`,
      }
    } finally {
      await opened.close()
    }
  })
  return [...format, server]
}

const plugins = async (): Promise<readonly Check[]> => {
  const opened = openPlugins({ workers: 1, folder: process.cwd(), notice: () => undefined })
  return Promise.all(
    Object.keys(builtInPlugins).map((plugin) =>
      checked(`plugin ${plugin}`, async () => {
        const { version, provides } = await opened.manifest(plugin)
        return {
          name: `plugin ${plugin}`,
          state: 'fine',
          says: `${version}, provides ${provides.join(', ')}`,
        }
      }),
    ),
  )
}

/** Looks at what a run with this home needs, in the order in which it needs it. Starts the home's server where there is one. */
export const diagnose = async (home: string): Promise<readonly Check[]> => {
  const there = await checked('rights', () => rights(home))
  return [
    node(),
    workers(),
    await checked('Postgres', postgres),
    there,
    await checked('disk', () => disk(home)),
    ...(await record(home).catch((error: unknown) => [troubled('record', 'bad', error)])),
    ...(await plugins()),
  ]
}
