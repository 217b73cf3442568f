import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import type { Pool, PoolClient } from 'pg'
import type { BlobStore } from '../blobs.ts'
import { encodeCanonical, sha256Hex } from '../canonical.ts'
import { BackupFile } from './backup-errors.ts'
import { backupFormat, chunkName, chunkRecords, type Described, type Ended } from './backup-format.ts'
import { RecordDamaged } from './database-errors.ts'
import { codeOf, saidBy } from './error-code.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** What a backup reads: a home. */
export interface BackupSource {
  readonly pool: Pool
  readonly blobs: BlobStore
}

export interface BackedUp {
  readonly records: number
  readonly texts: number
  readonly blobs: number
  /** Size of the file. */
  readonly bytes: number
}

/** Texts of one query. */
const textsAtOnce = 500

/**
 * Writes a home's records, texts and blobs into one file (backup-format.ts), as they were at one moment, also while runs
 * append. Nothing stands under the file's name until all of it is on the disk. In memory: some thousand records, or a blob.
 * @throws BackupFile where the file is there already or cannot be written; RecordDamaged, BlobDamaged
 */
export const backup = async (home: BackupSource, file: string): Promise<BackedUp> => {
  if (existsSync(file))
    throw new BackupFile(
      `${file} is there already`,
      'name a file that is not there yet, or move this one away',
    )
  const partial = `${file}.partial`
  const client = await home.pool.connect()
  let whole = false
  try {
    await client.query('begin transaction isolation level repeatable read read only')
    const counts = { records: 0, texts: 0, blobs: 0 }
    await writeTo(partial, archive(client, home.blobs, counts))
    await client.query('commit')
    const { size } = await stat(partial)
    await rename(partial, file)
    await syncFolder(dirname(file))
    whole = true
    return { ...counts, bytes: size }
  } finally {
    // A session in the middle of its transaction is not for others.
    client.release(!whole)
    if (!whole) await rm(partial, { force: true })
  }
}

const writeTo = async (file: string, pieces: AsyncIterable<Uint8Array>): Promise<void> => {
  try {
    await pipeline(
      Readable.from(pieces, { objectMode: false }),
      createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
      createWriteStream(file, { mode: 0o600, flush: true }),
    )
  } catch (cause) {
    const mend = mends[codeOf(cause)]
    if (mend === undefined) throw cause
    throw new BackupFile(`${file} cannot be written: ${saidBy(cause)}`, mend, cause)
  }
}

/** Makes a new name in a folder durable. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const otherFolder = 'name a file in a folder that you may write to'
const moreRoom = 'make room, or name a file on another disk'
const mends: Readonly<Record<string, string>> = {
  EACCES: otherFolder,
  EISDIR: otherFolder,
  ENOENT: otherFolder,
  ENOTDIR: otherFolder,
  EPERM: otherFolder,
  EROFS: otherFolder,
  EDQUOT: moreRoom,
  EFBIG: moreRoom,
  EIO: moreRoom,
  ENOSPC: moreRoom,
}

async function* archive(
  client: PoolClient,
  blobs: BlobStore,
  counts: { records: number; texts: number; blobs: number },
): AsyncGenerator<Uint8Array> {
  const described = await describe(client)
  const ids = createHash('sha256')
  yield* packed('backup.json', encodeCanonical(described))
  for await (const { keyed, digest, body } of textsOf(client)) {
    counts.texts++
    yield* packed(`texts/${keyed ? 'hmac-sha256' : 'sha256'}/${digest.toString('hex')}`, body)
  }
  for (const [partition, { records }] of described.partitions.entries())
    for (let first = 0; first < records; first += chunkRecords) {
      const chunk = await readChunk(client, partition, first)
      counts.records += chunk.length
      for (const record of chunk) ids.update(record.id)
      yield* packed(chunkName('records', partition, first), lines(chunk.map((record) => record.value)))
      yield* packed(chunkName('meta', partition, first), lines(chunk.map(metaLine)))
    }
  for await (const { digest } of blobs.list()) {
    counts.blobs++
    yield* packed(`blobs/${digest}`, await blobs.get(digest))
  }
  const ended: Ended = { ...counts, ids: ids.digest('hex') }
  yield* packed('end.json', encodeCanonical(ended))
  yield tarEnd
}

function* packed(name: string, body: Uint8Array): Generator<Uint8Array> {
  yield tarHeader(name, body.length)
  if (body.length > 0) yield body
  if (body.length % 512 > 0) yield tarPadding(body.length)
}

const metaLine = ({ id, headers }: RecordRow): Buffer =>
  Buffer.from(`{"headers":${headers.toString()},"id":"${id.toString('hex')}"}`)

const lines = (values: readonly Uint8Array[]): Buffer =>
  Buffer.concat(values.flatMap((value) => [value, lineBreak]))
const lineBreak = Buffer.from('\n')

const describe = async (client: PoolClient): Promise<Described> => {
  const { rows } = await client.query<{ topic: string; partitions: number }>(
    'select topic, partitions from record.log',
  )
  const { topic, partitions } = rows[0]!
  const ends = await client.query<{ records: string; first: Buffer | null }>(
    `select (select coalesce(max(off) + 1, 0) from record.records where partition = p) as records,
       (select id from record.records where partition = p and off = 0) as first
     from generate_series(0, $1::int - 1) p order by p`,
    [partitions],
  )
  return {
    format: backupFormat,
    topic,
    partitions: ends.rows.map(({ records, first }) => ({
      records: Number(records),
      first: first?.toString('hex') ?? null,
    })),
  }
}

interface TextRow {
  readonly digest: Buffer
  readonly keyed: boolean
  readonly body: Buffer
}

async function* textsOf(client: PoolClient): AsyncGenerator<TextRow> {
  let after: Buffer = Buffer.alloc(0)
  for (;;) {
    const { rows } = await client.query<TextRow>(
      'select digest, keyed, body from record.texts where digest > $1 order by digest limit $2',
      [after, textsAtOnce],
    )
    yield* rows
    if (rows.length < textsAtOnce) return
    after = rows.at(-1)!.digest
  }
}

interface RecordRow {
  readonly off: string
  readonly id: Buffer
  readonly headers: Buffer
  readonly value: Buffer
}

/** @throws RecordDamaged: a backup must not outlive the good copy that would mend it */
const readChunk = async (
  client: PoolClient,
  partition: number,
  first: number,
): Promise<readonly RecordRow[]> => {
  const { rows } = await client.query<RecordRow>(
    `select off, id, headers, value from record.records
     where partition = $1 and off >= $2 and off < $3 order by off`,
    [partition, first, first + chunkRecords],
  )
  for (const { off, id, value } of rows) {
    const found = sha256Hex(value)
    if (found !== id.toString('hex'))
      throw new RecordDamaged(
        `record ${id.toString('hex')} (partition ${partition}, offset ${off})`,
        `its bytes have the sha-256 ${found}`,
      )
  }
  return rows
}
