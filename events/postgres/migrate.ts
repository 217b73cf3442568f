import { escapeIdentifier, type ClientBase } from 'pg'
import { codeOf, saidBy } from './error-code.ts'
import { DatabaseUnusable } from './database-errors.ts'
import { lockClass, migrationLock, migrations } from './schema.ts'

/** Who may do what in the schema `record`. The owner may be the app; the eraser is somebody else, or nobody. */
export interface Roles {
  readonly app: string
  readonly eraser?: string
}

/**
 * Brings the schema to this version, in one transaction, as the session's user, who becomes the owner.
 * @throws DatabaseUnusable where the schema is newer than this hansard, or the user lacks a right
 */
export const migrate = async (client: ClientBase, roles: Roles): Promise<void> => {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1, $2)', [lockClass, migrationLock])
    const from = await schemaVersion(client)
    if (from < migrations.length) await migrateFrom(client, from, roles)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw codeOf(error) === '42501' ? await missingRight(client, error) : error
  }
}

const migrateFrom = async (client: ClientBase, from: number, { app, eraser }: Roles): Promise<void> => {
  for (const sql of migrations.slice(from)) {
    const lines = sql.split('\n').filter((line) => eraser !== undefined || !line.includes('%eraser'))
    const named = lines.join('\n').replaceAll('%app', escapeIdentifier(app))
    await client.query(named.replaceAll('%eraser', escapeIdentifier(eraser ?? app)))
  }
  // The comment is the version: readable with no right on any table, and outside the insert-only rule.
  await client.query(`comment on schema record is 'hansard schema ${migrations.length}'`)
}

/**
 * The version of the schema `record` in a database, 0 where there is none.
 * @throws DatabaseUnusable where it is newer than this hansard, or not ours
 */
export const schemaVersion = async (client: ClientBase): Promise<number> => {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = 'record'`,
  )
  const [row] = rows
  if (row === undefined) return 0
  const version = Number(/^hansard schema (\d+)$/.exec(row.comment ?? '')?.[1])
  if (version <= migrations.length) return version
  throw Number.isNaN(version)
    ? new DatabaseUnusable(
        'the database has a schema `record` that is not hansard’s',
        'use a database of its own for hansard: create one and name it in HANSARD_DATABASE_URL',
      )
    : new DatabaseUnusable(
        `the database has hansard’s schema ${version}; this hansard knows up to ${migrations.length}`,
        'use the newer hansard that wrote it',
      )
}

const missingRight = async (client: ClientBase, cause: unknown): Promise<DatabaseUnusable> => {
  const { rows } = await client.query<{ user: string; database: string }>(
    'select current_user as user, current_database() as database',
  )
  const { user, database } = rows[0]!
  const [who, where] = [escapeIdentifier(user), escapeIdentifier(database)]
  return new DatabaseUnusable(
    `user ${user} may not set up hansard's tables in database ${database}: ${saidBy(cause)}`,
    `let the database's owner run: grant create on database ${where} to ${who};`,
    cause,
  )
}
