import { inTransaction } from './transaction.ts'
import { createIndexes, createTables, hasProjection, projectionSchema } from './projection-schema.ts'
import { type ProjectionDigest, projectionDigest } from './projection-digest.ts'
import { type AsOf, catchUp, type ProjectorHome, withProjectorLock } from './projector.ts'

export interface Rebuilt {
  /** The projection that was there, brought up to date first; undefined where there was none of this format. */
  readonly before: ProjectionDigest | undefined
  readonly after: ProjectionDigest
  /** Whether both are the same; undefined where there was nothing to compare with. */
  readonly equal: boolean | undefined
  readonly asOf: AsOf
}

const nextSchema = `${projectionSchema}_next`
const oldSchema = `${projectionSchema}_old`

/**
 * Makes the projection again, from the log alone, beside the one that is there; readers go on with that until the new one
 * takes its name. Records that come in the meantime may be in the new one only: `equal` is then false although nothing
 * is wrong, so compare while nothing is written.
 */
export const rebuild = (home: ProjectorHome, signal?: AbortSignal): Promise<Rebuilt> =>
  withProjectorLock(home.pool, async (client) => {
    const there = await hasProjection(client)
    if (there) await catchUp(client, home.log, projectionSchema, signal)
    const before = there ? await projectionDigest(client, projectionSchema) : undefined
    await inTransaction(client, () => createTables(client, nextSchema))
    const asOf = await catchUp(client, home.log, nextSchema, signal)
    signal?.throwIfAborted()
    await inTransaction(client, () => createIndexes(client, nextSchema))
    const after = await projectionDigest(client, nextSchema)
    await inTransaction(client, async () => {
      await client.query(`drop schema if exists ${oldSchema} cascade`)
      if (there) await client.query(`alter schema ${projectionSchema} rename to ${oldSchema}`)
      else await client.query(`drop schema if exists ${projectionSchema} cascade`)
      await client.query(`alter schema ${nextSchema} rename to ${projectionSchema}`)
      await client.query(`drop schema if exists ${oldSchema} cascade`)
    })
    return { before, after, equal: before === undefined ? undefined : before.digest === after.digest, asOf }
  })
