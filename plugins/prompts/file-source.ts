import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { canonicalDigest } from '../../events/canonical.ts'
import type { Digest } from '../../events/event.ts'
import type { PromptRow, PromptSource } from '../api.ts'
import { InvalidRow, sayingOf, UnreadableFile } from '../errors.ts'
import { fileLimits, type FileLimits } from './limits.ts'
import { linesOf } from './lines.ts'
import { isLeftOut, rowFormats, type RowFormat } from './row-formats.ts'

/** Raised when the rows of a file may be read differently than before. */
const behaviour = 1

export interface FileSourceSettings {
  readonly format: RowFormat
  /** Rows used at most; the file may have more. */
  readonly limit?: number | undefined
}

/** The rows of a data file: JSON lines, plain text (a prompt a line), hh-rlhf or HHH, plain or gzip. */
export function fileSource(
  path: string,
  { format, limit }: FileSourceSettings,
  notice: (line: string) => void,
  limits: FileLimits = fileLimits,
): PromptSource {
  const file = basename(path)
  const read = rowFormats[format]
  let leftOut: Readonly<Record<string, number>> = {}

  async function* rows(signal: AbortSignal): AsyncGenerator<PromptRow> {
    const before = await stamp(path)
    const reasons = new Map<string, number>()
    let index = -1
    let used = 0
    for await (const line of linesOf(path, limits, signal)) {
      signal.throwIfAborted()
      index++
      if (line.trim() === '') continue
      let row
      try {
        row = read(line)
      } catch (cause) {
        throw new InvalidRow(
          file,
          index,
          sayingOf(cause),
          `the file is read as ${format}; mend the row or name its format`,
        )
      }
      if (!isLeftOut(row) && !wellFormed(row)) row = { leftOut: 'a text holds half a character' }
      if (isLeftOut(row)) {
        reasons.set(row.leftOut, (reasons.get(row.leftOut) ?? 0) + 1)
        continue
      }
      if (used === limits.rows) {
        throw new UnreadableFile(
          'data file',
          file,
          `it has more than ${limits.rows} rows, the limit`,
          'split the file',
        )
      }
      yield { ...row, row: index }
      used++
      if (used === limit) break
    }
    if ((await stamp(path)) !== before) {
      throw new UnreadableFile('data file', file, 'it was changed while it was read', 'start again')
    }
    leftOut = Object.fromEntries(reasons)
    for (const [reason, count] of reasons) notice(`${file}: ${count} rows left out: ${reason}`)
  }

  return {
    by: { plugin: 'files', behaviour: canonicalDigest({ behaviour, format, limit: limit ?? null }) },
    format,
    digest: () => fileDigest(path),
    rows,
    leftOut: () => leftOut,
  }
}

const wellFormed = (row: PromptRow): boolean =>
  row.turns.every(({ content }) => content.isWellFormed()) &&
  (row.chosen ?? '').isWellFormed() &&
  (row.rejected ?? '').isWellFormed()

const stamp = async (path: string): Promise<string> => {
  try {
    const { size, mtimeMs } = await stat(path)
    return `${size} ${mtimeMs}`
  } catch (cause) {
    throw new UnreadableFile('data file', basename(path), cause as NodeJS.ErrnoException)
  }
}

/** sha-256 of a file’s bytes as they lie on the disk. @throws UnreadableFile */
export async function fileDigest(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  } catch (cause) {
    throw new UnreadableFile('data file', basename(path), cause as NodeJS.ErrnoException)
  }
  return hash.digest('hex')
}
