import type { ClientBase } from 'pg'
import { inTransaction } from './transaction.ts'
import { createIndexes, createTables, hasProjection, projectionSchema } from './projection-schema.ts'
import { type ProjectionDigest, projectionDigest } from './projection-digest.ts'
import { type AsOf, catchUp, type ProjectorHome, readPositions, withProjectorLock } from './projector.ts'

export interface Rebuilt {
  /** The projection that was there, brought up to date first; undefined where there was none of this format. */
  readonly before: ProjectionDigest | undefined
  readonly after: ProjectionDigest
  /** Whether both are the same; undefined where there was nothing to compare with. */
  readonly equal: boolean | undefined
  readonly asOf: AsOf
}

const nextSchema = `${projectionSchema}_next`

/**
 * Makes the projection again, from the log alone, beside the one that is there; readers go on with that until the new one
 * takes its name. Both are compared over the same records, whatever is appended in the meantime.
 * @throws LogGap; the signal's reason where it was aborted
 */
export const rebuild = (home: ProjectorHome, signal?: AbortSignal): Promise<Rebuilt> =>
  withProjectorLock(home.pool, async (client) => {
    const { log } = home
    const there = await hasProjection(client)
    if (there) await catchUp(client, log, projectionSchema, { signal })
    const before = there ? await projectionDigest(client, projectionSchema) : undefined
    const to = there ? { to: await readPositions(client, projectionSchema) } : {}
    await inTransaction(client, () => createTables(client, nextSchema))
    const asOf = await catchUp(client, log, nextSchema, { ...to, signal })
    signal?.throwIfAborted()
    await inTransaction(client, () => createIndexes(client, nextSchema))
    const after = await projectionDigest(client, nextSchema)
    await inTransaction(client, () => takeOver(client))
    return { before, after, equal: before === undefined ? undefined : before.digest === after.digest, asOf }
  })

/** Gives the new projection the name under which readers look. */
const takeOver = async (client: ClientBase): Promise<void> => {
  await client.query(`drop schema if exists ${projectionSchema} cascade`)
  await client.query(`alter schema ${nextSchema} rename to ${projectionSchema}`)
}
