import type pg from 'pg'
import type { RecipeId } from '../events/event.ts'
import type { Home } from '../events/embedded/home.ts'
import type { RunProgress } from '../tui/progress-types.ts'

/** Postgres carries at most 8,000 bytes in a notification. */
const maxPayload = 7_900
const every_ms = 250

const channelOf = (run: RecipeId): string => `hansard_run_${run.slice(0, 32)}`

/** Tells other processes of the same home how a run stands; what is superseded within 250 ms is not sent. */
export const broadcaster = (home: Home, run: RecipeId): ((progress: RunProgress) => void) => {
  let last = 0
  return (progress) => {
    const now = performance.now()
    if (progress.kind === 'stage' && now - last < every_ms) return
    if (progress.kind === 'stage') last = now
    const payload = JSON.stringify(progress)
    if (Buffer.byteLength(payload) > maxPayload) return
    // A watcher that misses a line sees the next; the run does not wait for watchers, nor fail with them.
    home.pool.query('select pg_notify($1, $2)', [channelOf(run), payload]).then(
      () => {},
      () => {},
    )
  }
}

/** Hears what another process tells of a run, until the returned function is called. */
export const listen = async (
  home: Home,
  run: RecipeId,
  hear: (progress: RunProgress) => void,
): Promise<() => Promise<void>> => {
  const client: pg.PoolClient = await home.pool.connect()
  client.on('notification', ({ payload }) => hear(JSON.parse(payload ?? '{}') as RunProgress))
  await client.query(`listen ${channelOf(run)}`)
  return async () => {
    await client.query(`unlisten ${channelOf(run)}`)
    client.removeAllListeners('notification')
    client.release()
  }
}
