import pg from 'pg'
import { names } from '../../events/embedded/cluster.ts'
import type { Home } from '../../events/embedded/home.ts'
import { readPasswords } from '../../events/embedded/home-file.ts'

/** Does to the database what hansard's own roles may not: change and delete records behind hansard's back. */
export const asOwner = async (home: Home, tamper: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const url = new URL(home.url)
  url.username = names.superuser
  url.password = (await readPasswords(home.folder)).superuser
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await tamper(client)
  } finally {
    await client.end()
  }
}
