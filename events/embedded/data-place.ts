import { chmod, chown, lstat, mkdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { codeOf, saidBy } from '../postgres/error-code.ts'
import { UnusableHome } from './errors.ts'
import { runAs, type ServerUser } from './server-user.ts'

/** The folder inside a home for the server's files, unless they live elsewhere. */
export const insideHome = 'postgres'

export const placeFolder = (home: string, folder: string): string =>
  isAbsolute(folder) ? folder : join(home, folder)

/**
 * Makes the folder for the server's files, owned by its user: inside the home where that user can work there, else
 * elsewhere on the machine (a home under root's 0700 folder, a mount without modes).
 * @param id the home's random id, so that a folder elsewhere belongs to one home only
 * @returns the folder relative to the home, or absolute where it lies elsewhere
 * @throws UnusableHome where no folder can hold a database
 */
export const makePlace = async (home: string, id: string, user: ServerUser | undefined): Promise<string> => {
  const elsewhere =
    user === undefined ? [join(homedir(), '.local', 'share'), '/var/tmp'] : ['/var/lib', '/var/tmp']
  const tried = []
  for (const folder of [insideHome, ...elsewhere.map((parent) => join(parent, `hansard-${id}`))]) {
    const place = placeFolder(home, folder)
    const trouble = await tryPlace(place, user)
    if (trouble === undefined) return folder
    tried.push(`${place} (${trouble})`)
  }
  throw new UnusableHome(
    `no folder can hold the database${user === undefined ? '' : ` for user ${user.name}`}: ${tried.join(', ')}`,
    'choose a home on a local disk that keeps file modes, or set HANSARD_DATABASE_URL to a Postgres of your own',
  )
}

/**
 * Makes the folder, ours, with a folder for the data in it, the server's, and lets the server's user prove that it can make
 * a private folder there. Only the inner folders are its own: it must not be able to lay links where root writes.
 */
const tryPlace = async (place: string, user: ServerUser | undefined): Promise<string | undefined> => {
  const data = join(place, 'data')
  try {
    await mkdir(place, { recursive: true })
    // Whatever the umask says: the server's user walks through.
    await chmod(place, user === undefined ? 0o700 : 0o711)
    await makeServersFolder(data, user)
  } catch (error) {
    return codeOf(error) || saidBy(error)
  }
  const probe = join(data, 'probe')
  const { status } = await runAs(user, 'mkdir', ['-m', '700', probe])
  const made = status === 0 ? await stat(probe) : undefined
  await rm(probe, { recursive: true, force: true })
  const owner = user?.uid ?? process.getuid?.()
  if (made !== undefined && (made.mode & 0o777) === 0o700 && made.uid === owner) return undefined
  await rm(place, { recursive: true, force: true })
  return 'closed to that user, or keeps no file modes'
}

/** Makes a folder that is closed to all but the server's user. */
export const makeServersFolder = async (folder: string, user: ServerUser | undefined): Promise<void> => {
  await mkdir(folder, { mode: 0o700 })
  if (user !== undefined) await chown(folder, user.uid, user.gid)
}

/** A socket's whole path may have 103 bytes on macOS, 107 on Linux; its name takes `/.s.PGSQL.5432`. */
const longestSocketFolder = 103 - '/.s.PGSQL.5432'.length

/**
 * The folder of the server's socket, made where it is missing, closed to all but its user. It is named after the home's id:
 * the server of a home that was deleted ends a minute later, and takes its socket's name with it, which must not be that
 * of a home made anew in the same folder.
 * @throws UnusableHome where somebody else has taken the name
 */
export const socketFolder = async (
  place: string,
  id: string,
  user: ServerUser | undefined,
): Promise<string> => {
  const inside = join(place, `socket-${id.slice(0, 8)}`)
  const folder = Buffer.byteLength(inside) <= longestSocketFolder ? inside : `/tmp/hansard-${id}`
  const uid = user?.uid ?? process.getuid?.()
  try {
    await makeServersFolder(folder, user)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const found = await lstat(folder)
  if (found.isDirectory() && found.uid === uid) return folder
  throw new UnusableHome(
    `${folder}, where the server's socket belongs, is not the server's`,
    'remove that folder',
  )
}
