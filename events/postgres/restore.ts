import { createHash, type Hash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { ZodError } from 'zod'
import type { BlobStore } from '../blobs.ts'
import { sha256Hex } from '../canonical.ts'
import { Poison } from '../errors.ts'
import { maxValueBytes } from '../event.ts'
import { decodeRecord } from '../identity.ts'
import type { Entry, EventLog, TextRecord } from '../log.ts'
import { partitionOf } from '../partition.ts'
import { maxTextBytes } from '../texts.ts'
import { BackupDamaged, BackupFile, HomeNotEmpty } from './backup-errors.ts'
import {
  chunkName,
  chunkRecords,
  type Described,
  describedSchema,
  type Ended,
  endedSchema,
  metaSchema,
} from './backup-format.ts'
import { codeOf, saidBy } from './error-code.ts'
import { type TarFile, tarFiles } from './tar.ts'

/** What a backup is restored into: a home. */
export interface RestoreTarget {
  readonly folder: string
  readonly log: EventLog
  readonly blobs: BlobStore
}

const textsAtOnce = 500
const maxJsonBytes = 1_000_000
const maxBlobBytes = 2 ** 31
const maxChunkBytes = chunkRecords * (maxValueBytes + 1)

/**
 * Restores a backup into an empty home, or goes on with a restore of the same backup that was interrupted. Every record,
 * text and blob is checked against its digest, and every record stands at its old partition and offset.
 * @returns what the home holds now
 * @throws BackupFile, BackupDamaged; HomeNotEmpty where the home holds anything else
 */
export const restore = async (home: RestoreTarget, file: string): Promise<Omit<Ended, 'ids'>> => {
  if (!existsSync(file))
    throw new BackupFile(`${file} is not there`, 'name the file that `hansard backup` wrote')
  const restoring = new Restoring(home)
  try {
    await pipeline(
      createReadStream(file),
      createZstdDecompress(),
      async (bytes: AsyncIterable<Uint8Array>) => {
        for await (const entry of tarFiles(bytes)) await restoring.take(entry)
      },
    )
  } catch (error) {
    throw asBackupTrouble(error, file)
  }
  return restoring.end()
}

/** Errors of the parsers that meet a file which is no backup, and of the file itself, as what they mean. */
const asBackupTrouble = (error: unknown, file: string): unknown => {
  const code = codeOf(error)
  if (error instanceof SyntaxError || error instanceof ZodError || /^(ZSTD|Z_|ERR_)/.test(code))
    return new BackupDamaged(saidBy(error).replaceAll('\n', ' '), error)
  if (/^(EACCES|EISDIR|EIO|EPERM)$/.test(code))
    return new BackupFile(`${file} cannot be read: ${saidBy(error)}`, 'name a file that you may read', error)
  return error
}

class Restoring {
  readonly #home: RestoreTarget
  readonly #ids: Hash = createHash('sha256')
  readonly #done = { records: 0, texts: 0, blobs: 0 }
  #described: Described | undefined
  #ended: Ended | undefined
  #texts: TextRecord[] = []
  /** Records that wait for their headers. */
  #chunk: { readonly name: string; readonly values: readonly Buffer[] } | undefined

  constructor(home: RestoreTarget) {
    this.#home = home
  }

  async take(file: TarFile): Promise<void> {
    const [kind = '', ...path] = file.name.split('/')
    if (kind !== 'texts') await this.#flushTexts()
    if ((this.#described === undefined) !== (kind === 'backup.json') || this.#ended !== undefined)
      throw new BackupDamaged(`${file.name} does not belong where it stands`)
    switch (kind) {
      case 'backup.json':
        return this.#begin(describedSchema.parse(await jsonOf(file)))
      case 'texts':
        return this.#takeText(file, path)
      case 'records':
        this.#chunk = { name: path.join('/'), values: linesOf(await bytesOf(file, maxChunkBytes)) }
        return
      case 'meta':
        return this.#takeChunk(file, path)
      case 'blobs':
        return this.#takeBlob(file, path.join('/'))
      case 'end.json':
        this.#ended = endedSchema.parse(await jsonOf(file))
        return
      default:
        throw new BackupDamaged(`it holds ${file.name}, which no backup does`)
    }
  }

  async end(): Promise<Omit<Ended, 'ids'>> {
    const [ended, described] = [this.#ended, this.#described]
    if (ended === undefined || described === undefined) throw new BackupDamaged('it ends in the middle')
    const found: Ended = { ...this.#done, ids: this.#ids.digest('hex') }
    for (const key of ['records', 'texts', 'blobs', 'ids'] as const)
      if (found[key] !== ended[key])
        throw new BackupDamaged(`it says ${key}: ${ended[key]}, and holds ${found[key]}`)
    for (const { partition, next } of await this.#home.log.sizes())
      if (next !== described.partitions[partition]?.records)
        throw new HomeNotEmpty(this.#home.folder, `partition ${partition} has ${next} records now`)
    return this.#done
  }

  /** A home may hold nothing, or the beginning of this backup. */
  async #begin(described: Described): Promise<void> {
    const { log, folder } = this.#home
    if (described.partitions.length !== log.partitions)
      throw new BackupDamaged(
        `it has ${described.partitions.length} partitions, and the log in ${folder} has ${log.partitions}`,
      )
    for (const { partition, next } of await log.sizes()) {
      const { records, first } = described.partitions[partition]!
      const [found] = next > 0 ? await log.read(partition, 0, 1) : []
      if (next > records || (found !== undefined && sha256Hex(found.value) !== first))
        throw new HomeNotEmpty(
          folder,
          `partition ${partition} has ${next} records that are not this backup’s`,
        )
    }
    this.#described = described
  }

  async #takeText(file: TarFile, [scheme, digest = '']: readonly string[]): Promise<void> {
    if (scheme !== 'sha256' && scheme !== 'hmac-sha256')
      throw new BackupDamaged(`${file.name} has no known scheme`)
    const body = await bytesOf(file, maxTextBytes)
    const text = body.toString()
    if (scheme === 'sha256' && sha256Hex(body) !== digest)
      throw new BackupDamaged(`${file.name} has the sha-256 ${sha256Hex(body)}`)
    if (!Buffer.from(text).equals(body)) throw new BackupDamaged(`${file.name} is not UTF-8`)
    this.#texts.push({ ref: { scheme, digest, bytes: body.length }, text })
    this.#done.texts++
    if (this.#texts.length >= textsAtOnce) await this.#flushTexts()
  }

  async #flushTexts(): Promise<void> {
    if (this.#texts.length > 0) await this.#home.log.append([], this.#texts)
    this.#texts = []
  }

  async #takeChunk(file: TarFile, path: readonly string[]): Promise<void> {
    const chunk = this.#chunk
    const [partition, first] = [Number(path[0]), Number.parseInt(path[1] ?? '', 10)]
    if (chunk?.name !== path.join('/') || file.name !== chunkName('meta', partition, first))
      throw new BackupDamaged(`${file.name} does not follow its records`)
    this.#chunk = undefined
    const meta = linesOf(await bytesOf(file, Number.MAX_SAFE_INTEGER))
    if (meta.length !== chunk.values.length)
      throw new BackupDamaged(`${file.name} has not a line for each record`)
    const entries = meta.map((line, index) => {
      const where = `record ${first + index} of partition ${partition}`
      return this.#entryOf(
        chunk.values[index]!,
        metaSchema.parse(JSON.parse(line.toString())),
        partition,
        where,
      )
    })
    await this.#refuseOthers(partition, first, entries)
    await this.#home.log.append(entries, [])
    this.#done.records += entries.length
  }

  #entryOf(
    value: Buffer,
    { id, headers }: { readonly id: string; readonly headers: Readonly<Record<string, string>> },
    partition: number,
    where: string,
  ): Entry {
    const found = sha256Hex(value)
    if (found !== id) throw new BackupDamaged(`${where} should be ${id}, and has the sha-256 ${found}`)
    this.#ids.update(id, 'hex')
    try {
      const recorded = decodeRecord(value)
      if (partitionOf(recorded.event.draw.subject, this.#home.log.partitions) === partition)
        return { recorded, meta: headers }
      throw new BackupDamaged(`${where} (${id}) does not belong into that partition`)
    } catch (error) {
      if (error instanceof Poison)
        throw new BackupDamaged(`${where} (${id}) is no record: ${error.message}`, error)
      throw error
    }
  }

  /** Where an interrupted restore is gone on with, what stands at these offsets must be these records. */
  async #refuseOthers(partition: number, first: number, entries: readonly Entry[]): Promise<void> {
    const there = await this.#home.log.read(partition, first, entries.length)
    for (const [index, record] of there.entries())
      if (sha256Hex(record.value) !== entries[index]!.recorded.id)
        throw new HomeNotEmpty(
          this.#home.folder,
          `offset ${first + index} of partition ${partition} has another record`,
        )
  }

  async #takeBlob(file: TarFile, digest: string): Promise<void> {
    const bytes = await bytesOf(file, maxBlobBytes)
    const found = sha256Hex(bytes)
    if (found !== digest) throw new BackupDamaged(`${file.name} has the sha-256 ${found}`)
    await this.#home.blobs.put(bytes)
    this.#done.blobs++
  }
}

/** @throws BackupDamaged before more than `limit` bytes are held */
const bytesOf = async (file: TarFile, limit: number): Promise<Buffer> => {
  if (!(file.bytes <= limit))
    throw new BackupDamaged(`${file.name} has ${file.bytes} bytes; at most ${limit} are allowed`)
  const pieces = []
  for await (const piece of file.body) pieces.push(piece)
  return Buffer.concat(pieces)
}

const jsonOf = async (file: TarFile): Promise<unknown> =>
  JSON.parse((await bytesOf(file, maxJsonBytes)).toString())

const linesOf = (bytes: Buffer): readonly Buffer[] => {
  const lines = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    if (end === -1) throw new BackupDamaged('a list of lines in it ends in the middle of one')
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return lines
}
