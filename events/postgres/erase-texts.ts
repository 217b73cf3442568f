import { Client, type ClientBase } from 'pg'
import type { Digest } from '../event.ts'
import { digestArray } from './binary-array.ts'

/**
 * Deletes texts for good, as the eraser: nobody else may delete anything that is recorded. The events that name them stay
 * and still verify.
 * @param url address of the database for the eraser's role
 * @returns the digests of the texts that were there
 */
export const eraseTexts = async (url: string, digests: readonly Digest[]): Promise<readonly Digest[]> => {
  const client = new Client({ connectionString: url, application_name: 'hansard eraser' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('begin')
    const owns = await ownsTexts(client)
    // Where one user is owner and eraser, it has given up this right and takes it back for this transaction alone.
    if (owns) await client.query('grant delete on record.texts to current_user')
    const { rows } = await client.query<{ digest: Buffer }>(
      'delete from record.texts where digest = any($1::bytea[]) returning digest',
      [digestArray(digests)],
    )
    if (owns) await client.query('revoke delete on record.texts from current_user')
    await client.query('commit')
    return rows.map((row) => row.digest.toString('hex'))
  } finally {
    await client.end()
  }
}

const ownsTexts = async (client: ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ owns: boolean }>(
    `select tableowner = current_user as owns from pg_tables where schemaname = 'record' and tablename = 'texts'`,
  )
  return rows[0]?.owns ?? false
}
