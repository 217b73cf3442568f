import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import type { EventId, Recorded } from '../../events/event.ts'
import { probabilityFirst } from '../../lineage/attribution/targets.ts'
import { type ExportKind, exportRun } from '../../lineage/export.ts'
import { textColumn, turnsColumn } from '../../lineage/export/columns.ts'
import { writeParquetFile } from '../../lineage/export/parquet-file.ts'
import { project } from '../../lineage/projector.ts'
import { asOwner } from './as-owner.ts'
import { fixtureRun } from './fixture-run.ts'
import { useHome } from './lineage-home.ts'

const held = useHome()
const fixture = fixtureRun()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hansard-export-'))
  await fixture.recorder.appendTo(held.home)
  await project(held.home)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Turn {
  readonly role: string
  readonly content: string
}
type Row = Record<string, string & Turn[]> & { readonly [key: string]: unknown }

/** Reads a file with a reader that shares no code with what wrote it, but for the makers. */
const read = async (file: string): Promise<readonly Row[]> =>
  (await parquetReadObjects({
    file: await asyncBufferFromFile(file),
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  })) as Row[]

const exported = async (what: ExportKind) => {
  const file = join(folder, `${what}.parquet`)
  const result = await exportRun(held.home, { run: fixture.run.slice(0, 10), what, file })
  return { result, file, rows: await read(file) }
}

const recordedById = new Map(fixture.recorder.entries.map(({ recorded }) => [recorded.id, recorded]))
const recorded = (id: unknown): Recorded => recordedById.get(id as EventId)!
const textOf = (id: unknown): string => {
  const { digest } = recorded(id).event.out['text'] as unknown as { digest: string }
  return fixture.recorder.texts.find(({ ref }) => ref.digest === digest)!.text
}
const parent = (id: unknown, role: string) => recorded(id).event.parents.find((one) => one.role === role)?.id
const membersOf = (purpose: string): readonly (readonly EventId[])[] =>
  fixture.recorder.entries
    .filter(({ recorded: { event } }) => event.params['purpose'] === purpose)
    .map(({ recorded: { event } }) => event.parents.map(({ id }) => id))

describe('an export', () => {
  it('of preferences has each comparison in the order of the fit, with who compared and how sure', async () => {
    const { rows, result } = await exported('preferences')
    const order = membersOf('comparisons').at(-1)!
    expect(rows.map(({ label_id }) => label_id)).toEqual(order)
    expect(result).toMatchObject({ rows: order.length, erased: 0, run: fixture.run, what: 'preferences' })
    for (const row of rows) {
      expect(row['prompt']).toEqual([{ role: 'user', content: textOf(row['prompt_id']) }])
      expect(row['chosen']).toEqual([{ role: 'assistant', content: textOf(row['chosen_id']) }])
      expect(row['rejected']).toEqual([{ role: 'assistant', content: textOf(row['rejected_id']) }])
      const first = parent(row['pair_id'], 'sample')!
      const probability = probabilityFirst(recorded(row['label_id']).event, first)
      expect(row['label_probability']).toBeCloseTo(Math.max(probability, 1 - probability), 15)
      expect(row['chosen_id'] === first).toBe(probability >= 0.5)
      const principle = parent(row['label_id'], 'principle')
      expect(row['principle_id'] ?? undefined).toBe(principle)
      expect(row['principle'] ?? undefined).toBe(
        principle === undefined ? undefined : recorded(principle).event.params['key'],
      )
      expect(row['labeller']).toBe(principle === undefined ? 'simulated raters' : 'model')
      expect(row['split']).toBe('train')
    }
  })

  it('of fine-tuning data has each answer in the order of training', async () => {
    const { rows } = await exported('sft')
    expect(rows.map(({ answer_id }) => answer_id)).toEqual(membersOf('sft')[0])
    for (const row of rows) {
      expect(row['messages']).toEqual([
        { role: 'user', content: textOf(row['prompt_id']) },
        { role: 'assistant', content: textOf(row['answer_id']) },
      ])
      const isRevision = recorded(row['answer_id']).event.type === 'revision.written'
      expect(row['kind']).toBe(isRevision ? 'revision' : 'helpful answer')
      expect(row['principle_id'] ?? undefined).toBe(parent(row['answer_id'], 'principle'))
      expect(row['round']).toBe(recorded(row['answer_id']).event.draw.round)
    }
  })

  it('of rollouts has each reward and advantage by step', async () => {
    const { rows } = await exported('rollouts')
    expect(rows.map(({ reward_id }) => reward_id)).toEqual(fixture.byType.get('reward.scored'))
    const advantages = fixture.byType
      .get('train.stepped')!
      .filter((id) => recorded(id).event.draw.subject === 'RL-CAI')
      .flatMap((id) => recorded(id).event.out['advantages'] as unknown as number[])
    expect(rows.map(({ advantage }) => advantage)).toEqual(advantages)
    for (const row of rows) {
      expect(row['reward']).toBe(recorded(row['reward_id']).event.out['value'])
      expect(row['completion']).toEqual([{ role: 'assistant', content: textOf(row['rollout_id']) }])
      expect(row['step']).toBe(recorded(row['rollout_id']).event.draw.round)
      expect(row['policy_id']).toBe(parent(row['rollout_id'], 'policy'))
      expect(row['training']).toBe('RL-CAI')
    }
  })

  it('declares its columns as TRL reads them, compressed with ZSTD, and names its run', async () => {
    const { file, result } = await exported('preferences')
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(file))
    const { children } = parquetSchema(metadata)
    const chosen = children.find(({ element }) => element.name === 'chosen')!
    expect(chosen.element.converted_type).toBe('LIST')
    expect(chosen.children[0]!.children[0]!.children.map(({ element }) => element.name)).toEqual([
      'role',
      'content',
    ])
    const codecs = metadata.row_groups.flatMap(({ columns }) =>
      columns.map(({ meta_data }) => meta_data?.codec),
    )
    expect(new Set(codecs)).toEqual(new Set(['ZSTD']))
    expect(metadata.key_value_metadata).toContainEqual({ key: 'hansard.run', value: fixture.run })
    const bytes = await readFile(file)
    expect(result).toMatchObject({ digest: sha256Hex(bytes), bytes: bytes.length })
    expect((await held.home.memo.events([result.event]))[0]!.event).toMatchObject({
      type: 'export.written',
      out: { rows: result.rows, file: { digest: result.digest, bytes: result.bytes } },
    })
  })

  it('leaves out rows whose text was erased, and says how many', async () => {
    const before = await exported('sft')
    const text = before.rows[0]!['messages']![1]!.content
    await asOwner(held.home, (client) =>
      client.query('delete from record.texts where digest = $1', [Buffer.from(sha256Hex(text), 'hex')]),
    )
    const { rows, result } = await exported('sft')
    const gone = before.rows.filter((row) => row['messages']!.some(({ content }) => content === text))
    expect(result.erased).toBe(gone.length)
    expect(rows).toHaveLength(before.rows.length - gone.length)
    expect((await readFile(join(folder, 'sft.parquet'))).includes(text)).toBe(false)
  })

  it('refuses a run that is not there, and leaves no file', async () => {
    const file = join(folder, 'none.parquet')
    await expect(exportRun(held.home, { run: 'ffffff', what: 'sft', file })).rejects.toThrow('no run')
    expect(await readdir(folder)).not.toContain('none.parquet')
  })
})

describe('a Parquet file', () => {
  const columns = [turnsColumn('turns'), textColumn('word', 'OPTIONAL')]

  it('keeps hostile texts, empty lists and nulls as they are, over several groups', async () => {
    const rows = Array.from({ length: 12_003 }, (_, k) => ({
      turns:
        k % 7 === 0
          ? []
          : [
              { role: 'user', content: `\u0000\u001b[31m ${k} "'\\ \u{1f600}` },
              { role: 'assistant', content: '' },
            ],
      word: k % 3 === 0 ? null : `w${k}`,
    }))
    const file = join(folder, 'odd.parquet')
    const source = (async function* () {
      yield* rows
    })()
    expect(await writeParquetFile(file, columns, source, {})).toMatchObject({ rows: rows.length })
    const back = await read(file)
    expect(back).toHaveLength(rows.length)
    expect(back.map((row) => ({ turns: row['turns'], word: row['word'] ?? null }))).toEqual(rows)
    const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(file))
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([5_000, 5_000, 2_003])
  })

  it('is there whole or not at all: a failure keeps the old file and leaves nothing aside', async () => {
    const file = join(folder, 'half.parquet')
    await writeFile(file, 'what was there')
    const failing = (async function* () {
      yield { turns: [], word: 'a' }
      throw new Error('the source broke')
    })()
    await expect(writeParquetFile(file, columns, failing, {})).rejects.toThrow('the source broke')
    expect(await readFile(file, 'utf8')).toBe('what was there')
    expect((await readdir(folder)).filter((name) => name.includes('half'))).toEqual(['half.parquet'])
    const empty = (async function* () {})()
    expect(await writeParquetFile(file, columns, empty, {})).toMatchObject({ rows: 0 })
    expect(await read(file)).toEqual([])
  })
})
