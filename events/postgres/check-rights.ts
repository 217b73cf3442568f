import { escapeIdentifier, type Pool } from 'pg'
import { DatabaseUnusable } from './database-errors.ts'

interface Row {
  readonly user: string
  readonly database: string
  readonly schemas: boolean
  readonly record: boolean
  readonly projection: boolean
  readonly log: boolean
  readonly tables: boolean
  readonly functions: boolean
}

/** By oid, since looking up a name needs a right that may be missing. */
const rights = `
  select current_user as user, current_database() as database,
    has_database_privilege(current_database(), 'create') as schemas,
    (select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = 'record') as record,
    (select bool_and(has_schema_privilege(oid, 'usage, create')) from pg_namespace where nspname = 'projection') as projection,
    (select bool_and(has_table_privilege(c.oid, 'select')) from pg_class c join pg_namespace s on s.oid = c.relnamespace
      where s.nspname = 'record' and c.relname in ('log', 'answers')) as log,
    (select bool_and(has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert'))
      from pg_class c join pg_namespace s on s.oid = c.relnamespace
      where s.nspname = 'record' and c.relname in ('records', 'texts')) as tables,
    (select bool_and(has_function_privilege(p.oid, 'execute')) from pg_proc p join pg_namespace s on s.oid = p.pronamespace
      where s.nspname = 'record') as functions`

/**
 * Checks that the user of an address may do what a run needs, before its first append finds out.
 * @throws DatabaseUnusable naming the rights to grant
 */
export const checkRights = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<Row>(rights)
  const { user, database, ...has } = rows[0]!
  const missing = [
    has.schemas ? [] : `create on database ${escapeIdentifier(database)}`,
    has.record ? [] : 'usage on schema record',
    has.projection ? [] : 'usage, create on schema projection',
    has.log ? [] : 'select on record.log, record.answers',
    has.tables ? [] : 'select, insert on record.records, record.texts',
    has.functions ? [] : 'execute on all functions in schema record',
  ].flat()
  if (missing.length === 0) return
  throw new DatabaseUnusable(
    `user ${user} lacks rights in hansard's database ${database}: ${missing.join('; ')}`,
    `let the database's owner run: ${missing.map((right) => `grant ${right} to ${escapeIdentifier(user)};`).join(' ')}`,
  )
}
