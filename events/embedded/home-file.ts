import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { codeOf } from '../postgres/error-code.ts'
import { UnusableHome } from './errors.ts'

/** The layout of a home that this version reads and writes. */
export const homeFormat = 1

const homeSchema = z.strictObject({
  format: z.literal(homeFormat),
  /** Random, so that folders outside the home that belong to it cannot be taken for another's. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** `making` until the database is complete: what a killed first start left behind is then thrown away. */
  state: z.enum(['making', 'ready']),
  postgres: z.strictObject({
    major: z.int(),
    /** Where the server's files live: relative to the home, or absolute where the home is closed to the server's user. */
    folder: z.string(),
    /** The user that the server runs as, and that owns its files. */
    uid: z.int(),
    /** Where its binaries were found at the last start. */
    binaries: z.string(),
  }),
})
export type HomeFile = z.infer<typeof homeSchema>

const passwordsSchema = z.strictObject({
  superuser: z.string(),
  owner: z.string(),
  app: z.string(),
  eraser: z.string(),
})
/** Passwords of the database roles; random, and never anywhere but in a file of mode 0600. */
export type Passwords = z.infer<typeof passwordsSchema>

export const newId = (): string => randomBytes(8).toString('hex')
export const newPasswords = (): Passwords => ({
  superuser: newPassword(),
  owner: newPassword(),
  app: newPassword(),
  eraser: newPassword(),
})
const newPassword = (): string => randomBytes(24).toString('base64url')

/**
 * What `home.json` says, or undefined where there is none yet.
 * @throws UnusableHome for another format, or a file that is none
 */
export const readHomeFile = async (folder: string): Promise<HomeFile | undefined> => {
  const file = join(folder, 'home.json')
  const json = await readJson(file)
  if (json === undefined) return undefined
  const format = z.object({ format: z.int() }).safeParse(json)
  if (format.success && format.data.format !== homeFormat)
    throw new UnusableHome(
      `${folder} has home format ${format.data.format}; this hansard reads format ${homeFormat}`,
      'write a backup with the hansard that made it (`hansard backup FILE`), and restore it into a new home with this one (`hansard restore FILE`)',
    )
  const home = homeSchema.safeParse(json)
  if (home.success) return home.data
  throw new UnusableHome(
    `${file} is damaged: ${z.prettifyError(home.error).replaceAll('\n', ' ')}`,
    'put the file back from a copy, or restore a backup into a new home (`hansard restore FILE`)',
  )
}

/** @throws UnusableHome where the passwords are missing, damaged, or another user's */
export const readPasswords = async (folder: string): Promise<Passwords> => {
  const file = join(folder, 'passwords.json')
  const passwords = passwordsSchema.safeParse(await readJson(file))
  if (passwords.success) return passwords.data
  throw new UnusableHome(
    `${file} is missing or damaged, so hansard cannot reach the home's database`,
    'put the file back from a copy, or restore a backup into a new home (`hansard restore FILE`)',
  )
}

export const writeHomeFile = (folder: string, home: HomeFile): Promise<void> =>
  writeJson(join(folder, 'home.json'), home)
export const writePasswords = (folder: string, passwords: Passwords): Promise<void> =>
  writeJson(join(folder, 'passwords.json'), passwords)

const readJson = async (file: string): Promise<unknown> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    throw new UnusableHome(
      `${file} cannot be read (${code})`,
      'run hansard as the user who made this home',
      error,
    )
  }
  try {
    return JSON.parse(text)
  } catch {
    return { damaged: 'not JSON' }
  }
}

/** Whole or not at all: written aside, synced, renamed. */
const writeJson = async (file: string, value: unknown): Promise<void> => {
  const aside = `${file}.new`
  const handle = await open(aside, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, file)
}
