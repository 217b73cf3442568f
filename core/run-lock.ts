import type pg from 'pg'
import type { RecipeId } from '../events/event.ts'
import type { Home } from '../events/embedded/home.ts'

/** Held by the one process that drives a run; the database takes it back when the process dies. */
export interface RunLock {
  release(): Promise<void>
}

const keyOf = (run: RecipeId): string => BigInt.asIntN(64, BigInt(`0x${run.slice(0, 16)}`)).toString()

/** The lock of a run, or undefined where another process holds it. */
export const tryRunLock = async (home: Home, run: RecipeId): Promise<RunLock | undefined> => {
  const client: pg.PoolClient = await home.pool.connect()
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1::bigint) as held', [
    keyOf(run),
  ])
  if (!rows[0]!.held) {
    client.release()
    return undefined
  }
  return {
    release: async () => {
      // A session that was lost has lost its lock as well.
      const lost = await client.query('select pg_advisory_unlock($1::bigint)', [keyOf(run)]).then(
        () => undefined,
        (error: Error) => error,
      )
      client.release(lost)
    },
  }
}
