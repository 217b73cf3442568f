import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createHash, randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { BlobRef } from '../../events/event.ts'

/** Rows of one group at most; a group is what readers read at once. */
const groupRows = 5_000
/** UTF-16 code units of text after which a group is closed early: what a group may hold in memory. */
const groupCharacters = 32_000_000

export interface ParquetColumn {
  readonly name: string
  /** The column's part of the schema: one element, or the three levels of a list. */
  readonly schema: readonly SchemaElement[]
}

export type ParquetRow = Readonly<Record<string, unknown>>

export interface WrittenFile extends BlobRef {
  readonly rows: number
}

/**
 * Streams rows into a Parquet file (ZSTD, groups of at most 5,000 rows). The file appears under its name only when it is
 * whole and on the disk; what a failure leaves aside is removed.
 * @param about key and value pairs for the file's metadata
 */
export const writeParquetFile = async (
  path: string,
  columns: readonly ParquetColumn[],
  rows: AsyncIterable<ParquetRow>,
  about: Readonly<Record<string, string>>,
): Promise<WrittenFile> => {
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.writing`)
  const handle = await open(aside, 'wx')
  try {
    const written = await writeTo(handle, columns, rows, about)
    await handle.sync()
    await handle.close()
    await rename(aside, path)
    await syncFolder(dirname(path))
    return written
  } catch (error) {
    await handle.close()
    await rm(aside, { force: true })
    throw error
  }
}

const writeTo = async (
  handle: FileHandle,
  columns: readonly ParquetColumn[],
  rows: AsyncIterable<ParquetRow>,
  about: Readonly<Record<string, string>>,
): Promise<WrittenFile> => {
  const hash = createHash('sha256')
  const bytes = new ByteWriter()
  const flush = async (): Promise<void> => {
    const part = bytes.getBytes().slice()
    bytes.index = 0
    hash.update(part)
    await handle.writeFile(part)
  }
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(({ schema }) => [...schema])],
    codec: 'ZSTD',
    compressors: { ZSTD: (input) => zstdCompressSync(input) },
    kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
    createdBy: 'hansard',
  })
  let count = 0
  for await (const group of groupsOf(rows)) {
    await parquet.write({ columnData: columnsOf(columns, group), rowGroupSize: group.length })
    count += group.length
    await flush()
  }
  await parquet.finish()
  await flush()
  return { rows: count, digest: hash.digest('hex'), bytes: bytes.offset }
}

async function* groupsOf(rows: AsyncIterable<ParquetRow>): AsyncGenerator<readonly ParquetRow[]> {
  let group: ParquetRow[] = []
  let characters = 0
  for await (const row of rows) {
    group.push(row)
    characters += charactersIn(row)
    if (group.length < groupRows && characters < groupCharacters) continue
    yield group
    group = []
    characters = 0
  }
  if (group.length > 0) yield group
}

const charactersIn = (value: unknown): number => {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  return Object.values(value).reduce<number>((sum, part) => sum + charactersIn(part), 0)
}

const columnsOf = (columns: readonly ParquetColumn[], group: readonly ParquetRow[]): ColumnSource[] =>
  columns.map(({ name }) => ({ name, data: group.map((row) => row[name]) }))

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
