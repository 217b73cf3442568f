import type { ClientBase, Pool, PoolClient } from 'pg'

/** Runs an act in a transaction of the client. */
export const inTransaction = async <T>(client: ClientBase, act: () => Promise<T>): Promise<T> => {
  await client.query('begin')
  try {
    const result = await act()
    await client.query('commit')
    return result
  } catch (error) {
    await rollBack(client)
    throw error
  }
}

const rollBack = async (client: ClientBase): Promise<void> => {
  try {
    await client.query('rollback')
  } catch (error) {
    // A connection that is gone has rolled back by itself; what is thrown is the act's own error.
    void error
  }
}

/** Lends a client of the pool to an act. A client that an error may have left in a transaction is closed, not given back. */
export const withClient = async <T>(pool: Pool, act: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect()
  try {
    const result = await act(client)
    client.release()
    return result
  } catch (error) {
    client.release(error instanceof Error ? error : true)
    throw error
  }
}
