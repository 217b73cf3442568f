import { Database, type DatabaseOptions } from './database.ts'
import { DatabaseGone, DatabaseUnusable, troubleOf } from './database-errors.ts'
import { codeOf, saidBy } from './error-code.ts'
import { checkRights } from './check-rights.ts'
import { migrate, schemaVersion } from './migrate.ts'
import { migrations } from './schema.ts'

/**
 * Opens hansard's tables in any Postgres, making or migrating them where the address's user may. That user owns them
 * then, and has given up the right to change or delete what is recorded. With an owner's address and another's for
 * everyday use, the owner grants what `checkRights` asks for.
 * @throws DatabaseUnusable, DatabaseGone; never with the address's password in it
 */
export const openExternal = async (url: string, options: DatabaseOptions): Promise<Database> => {
  const host = hostOf(url)
  const database = new Database(url, options)
  try {
    const client = await database.pool.connect()
    try {
      const { rows } = await client.query<{ user: string }>('select current_user as user')
      const user = rows[0]!.user
      if ((await schemaVersion(client)) < migrations.length) await migrate(client, { app: user })
    } finally {
      client.release()
    }
    await checkRights(database.pool)
    return database
  } catch (error) {
    await database.close()
    if (troubleOf(error) === 'gone')
      throw new DatabaseGone(`the Postgres at ${host} does not answer: ${saidBy(error)}`)
    if (/^(28|3D)/.test(codeOf(error)))
      throw new DatabaseUnusable(
        `the Postgres at ${host} refuses: ${saidBy(error)}`,
        'correct the user, password or database in HANSARD_DATABASE_URL',
      )
    throw error
  }
}

const hostOf = (url: string): string => {
  if (!URL.canParse(url) || !/^postgres(ql)?:/.test(url))
    throw new DatabaseUnusable(
      'HANSARD_DATABASE_URL is no address of a Postgres',
      'write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE',
    )
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
