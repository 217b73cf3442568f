import { escapeIdentifier, type ClientBase, type Pool } from 'pg'
import { codeOf, saidBy } from './error-code.ts'
import { DatabaseUnusable } from './database-errors.ts'
import { lockClass, migrationLock, migrations } from './schema.ts'

/** Who may do what in the schema `record`. One user may be all of them: then the owner has no right to change or delete either. */
export interface Roles {
  readonly app: string
  readonly eraser: string
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

const migrateFrom = async (client: ClientBase, from: number, roles: Roles): Promise<void> => {
  for (const sql of migrations.slice(from))
    await client.query(
      sql
        .replaceAll('%app', escapeIdentifier(roles.app))
        .replaceAll('%eraser', escapeIdentifier(roles.eraser)),
    )
  // The comment is the version: readable with no right on any table, and outside the insert-only rule.
  await client.query(`comment on schema record is 'hansard schema ${migrations.length}'`)
}

/**
 * The version of the schema `record` in a database, 0 where there is none.
 * @throws DatabaseUnusable where it is newer than this hansard, or not ours
 */
export const schemaVersion = async (client: ClientBase | Pool): Promise<number> => {
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

/**
 * Checks that the session's user may do what a run needs, before the first append finds out.
 * @throws DatabaseUnusable naming the rights to grant
 */
export const checkRights = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<{ user: string; grant: string }>(`
    select current_user as user, wanted.grant from (values
      (has_schema_privilege('record', 'usage'), 'usage on schema record'),
      (has_database_privilege(current_database(), 'create'), format('create on database %I', current_database()))
    ) as wanted(ok, grant) where not ok
    union all
    select current_user, 'select, insert on record.records, record.texts' where has_schema_privilege('record', 'usage')
      and not (has_table_privilege('record.records', 'select') and has_table_privilege('record.records', 'insert')
        and has_table_privilege('record.texts', 'select') and has_table_privilege('record.texts', 'insert'))
    union all
    select current_user, 'select on record.log' where has_schema_privilege('record', 'usage')
      and not has_table_privilege('record.log', 'select')
    union all
    select current_user, 'execute on all functions in schema record' where has_schema_privilege('record', 'usage')
      and not exists (select from pg_proc p join pg_namespace s on s.oid = p.pronamespace
        where s.nspname = 'record' and p.proname = 'append' and has_function_privilege(p.oid, 'execute'))`)
  if (rows.length === 0) return
  const user = rows[0]!.user
  throw new DatabaseUnusable(
    `user ${user} lacks rights in hansard's database: ${rows.map((row) => row.grant).join('; ')}`,
    `let the database's owner run: ${rows.map((row) => `grant ${row.grant} to ${escapeIdentifier(user)};`).join(' ')}`,
  )
}
