import type { Pool } from 'pg'
import type { BlobRef, EventId, RecipeId } from '../events/event.ts'
import { hansardBy, recordEvent } from '../events/identity.ts'
import type { EventLog } from '../events/log.ts'
import type { Memo } from '../events/memo.ts'
import { exportWritten } from '../events/vocabulary/audit.ts'
import type { ExportSource } from './export/export-source.ts'
import { type ParquetColumn, type ParquetRow, writeParquetFile } from './export/parquet-file.ts'
import { preferenceColumns, preferenceRows } from './export/preference-rows.ts'
import { rolloutColumns, rolloutRows } from './export/rollout-rows.ts'
import { sftColumns, sftRows } from './export/sft-rows.ts'
import { findRun } from './run-members.ts'

export const exportKinds = ['preferences', 'sft', 'rollouts'] as const
export type ExportKind = (typeof exportKinds)[number]

export interface ExportAsked {
  /** A run's id or any unique beginning of it. */
  readonly run: string
  readonly what: ExportKind
  /** Path of the file to be written; one that is there is replaced, at once and whole. */
  readonly file: string
}

/** The answer of `hansard export --json`. */
export interface Exported {
  readonly run: RecipeId
  readonly what: ExportKind
  readonly file: string
  readonly rows: number
  readonly digest: string
  readonly bytes: number
  /** Rows that were left out because a text of theirs is gone. */
  readonly erased: number
  /** The `export.written` that records it. */
  readonly event: EventId
}

export interface ExportHome {
  readonly pool: Pool
  readonly log: EventLog
  readonly memo: Memo
}

const kinds: Readonly<
  Record<
    ExportKind,
    {
      readonly columns: readonly ParquetColumn[]
      readonly rows: (source: ExportSource) => AsyncIterable<ParquetRow>
    }
  >
> = {
  preferences: { columns: preferenceColumns, rows: preferenceRows },
  sft: { columns: sftColumns, rows: sftRows },
  rollouts: { columns: rolloutColumns, rows: rolloutRows },
}

/**
 * Writes what a run made as a Parquet file in the shape that TRL reads (conversational, with event ids beside), and
 * records that it did. Streams: memory holds one group of rows.
 * @param options.onRow told now and then how many rows are written
 * @throws NoSuchEvent, AmbiguousId, MissingFromRecord; the signal's reason where it was aborted
 */
export const exportRun = async (
  home: ExportHome,
  asked: ExportAsked,
  options: { readonly onProgress?: (rows: number) => void; readonly signal?: AbortSignal } = {},
): Promise<Exported> => {
  const run = await findRun(home.pool, asked.run)
  const source: ExportSource = { pool: home.pool, memo: home.memo, run, leftOut: { erased: 0 } }
  const { columns, rows } = kinds[asked.what]
  const written = await writeParquetFile(asked.file, columns, watched(rows(source), options), {
    'hansard.run': run.run,
    'hansard.what': asked.what,
  })
  const { digest, bytes } = written
  return {
    run: run.run,
    what: asked.what,
    file: asked.file,
    rows: written.rows,
    digest,
    bytes,
    erased: source.leftOut.erased,
    event: await recordExport(home.log, run.started, asked.what, written.rows, { digest, bytes }),
  }
}

const reportEvery = 1_000

async function* watched(
  rows: AsyncIterable<ParquetRow>,
  { onProgress, signal }: { readonly onProgress?: (rows: number) => void; readonly signal?: AbortSignal },
): AsyncGenerator<ParquetRow> {
  let count = 0
  for await (const row of rows) {
    signal?.throwIfAborted()
    yield row
    if (++count % reportEvery === 0) onProgress?.(count)
  }
  onProgress?.(count)
}

const recordExport = async (
  log: EventLog,
  run: EventId,
  what: ExportKind,
  rows: number,
  file: BlobRef,
): Promise<EventId> => {
  const recorded = recordEvent(exportWritten, {
    by: hansardBy,
    params: { what, to: 'parquet' },
    parents: [{ role: 'run', id: run }],
    draw: { subject: exportWritten.type, round: 0, i: 0 },
    out: { status: 'ok', rows, file: { ...file } },
  })
  await log.append([{ recorded, meta: { ce_time: new Date().toISOString() } }], [])
  return recorded.id
}
