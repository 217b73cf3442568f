import * as z from 'zod'
import { digestSchema } from '../event.ts'

/**
 * A backup is a tar archive, compressed with zstd, that `tar --zstd -xf` unpacks:
 *
 *     backup.json                   what follows, and from how many partitions (`Described`)
 *     texts/SCHEME/DIGEST           a text's bytes
 *     records/PARTITION/FIRST.json  up to 5,000 records, a line each: exactly the bytes whose sha-256 is the id
 *     meta/PARTITION/FIRST.json     for each of these lines its id and headers
 *     blobs/DIGEST                  a blob's bytes
 *     end.json                      how much it was, and the sha-256 over all ids in their order (`Ended`)
 *
 * FIRST is the offset of the first line, in 12 digits. A value is canonical JSON, which has no line breaks.
 */
export const backupFormat = 1
/** Records of one file in the archive. */
export const chunkRecords = 5_000

const count = z.int().min(0)

export const describedSchema = z.strictObject({
  format: z.literal(backupFormat),
  topic: z.string(),
  /** For each partition how many records it has, and the id of the first. */
  partitions: z.array(z.strictObject({ records: count, first: digestSchema.nullable() })),
})
export type Described = z.infer<typeof describedSchema>

export const endedSchema = z.strictObject({ records: count, texts: count, blobs: count, ids: digestSchema })
export type Ended = z.infer<typeof endedSchema>

export const metaSchema = z.strictObject({ headers: z.record(z.string(), z.string()), id: digestSchema })

export const chunkName = (kind: 'records' | 'meta', partition: number, first: number): string =>
  `${kind}/${partition}/${String(first).padStart(12, '0')}.json`
