import { setTimeout as sleep } from 'node:timers/promises'
import { troubleOf } from '../events/postgres/database-errors.ts'

/** How long work waits for a database that went away; crash recovery is well within it. */
const patience_ms = 60_000

/**
 * Does work again where the database went away in the middle of it, until it is back. The work must be safe to begin anew.
 * @throws what the work throws: an absence too, once it lasts longer than a minute
 */
export const outlivingDatabase = async <T>(work: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + patience_ms
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (troubleOf(error) !== 'gone' || performance.now() > deadline) throw error
      await sleep(Math.min(2_000, 50 * 2 ** attempt))
    }
  }
}
