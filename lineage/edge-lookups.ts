/**
 * SQL for the children of one event by a role, as a lateral subquery with the column `child`. `offset 0` keeps Postgres from
 * turning it into a join over the whole table, which it does where it has not counted the edges yet.
 * @param parent SQL of the parent's id
 */
export const childrenBy = (parent: string, role: string): string =>
  `lateral (select child from projection.edges where parent = ${parent} and role = '${role}' offset 0)`

/** The same for the parents of one event, with the column `parent`. */
export const parentsBy = (child: string, role: string): string =>
  `lateral (select parent from projection.edges where child = ${child} and role = '${role}' offset 0)`

/** The same for one node, with the columns `type` and `seq`. */
export const nodeOf = (id: string): string =>
  `lateral (select type, seq from projection.nodes where id = ${id} offset 0)`
