import assert from 'node:assert/strict'
import type { PromptRow, PromptSource } from '../api.ts'
import { boundPrompts } from '../bound/prompts.ts'
import { assertStops } from './answers.ts'
import { type Check, once } from './check.ts'
import { underTest } from './under-test.ts'

export interface PromptsSubject {
  /** Opens a source of two rows at least. Called twice a suite. */
  readonly open: () => Promise<PromptSource>
  /** How long an abort may take, in milliseconds. */
  readonly patienceMs?: number
}

/** The promises of the port for prompts. */
export function promptsChecks(subject: PromptsSubject): readonly Check[] {
  const openBare = once(subject.open)
  const open = async () => underTest(boundPrompts, await openBare())
  const openAgain = async () => underTest(boundPrompts, await subject.open())
  return [
    {
      name: 'it gives rows, the same ones each time',
      run: async () => {
        const source = await open()
        const rows = await rowsOf(source)
        assert.ok(rows.length > 1, `it has ${rows.length} rows, two at least are needed`)
        assert.deepEqual(await rowsOf(source), rows)
      },
    },
    {
      name: 'opened again, it has the same digest, the same rows and the same behaviour',
      run: async () => {
        const [one, other] = [await open(), await openAgain()]
        assert.deepEqual(
          [await other.digest(), other.by, other.format],
          [await one.digest(), one.by, one.format],
        )
        assert.deepEqual(await rowsOf(other), await rowsOf(one))
      },
    },
    {
      name: 'an abort stops it',
      run: async () => {
        const source = await openBare()
        await assertStops((signal) => source.rows(signal), subject.patienceMs ?? 60_000)
      },
    },
  ]
}

const rowsOf = async (source: PromptSource): Promise<readonly PromptRow[]> => {
  const rows: PromptRow[] = []
  for await (const row of source.rows(new AbortController().signal)) rows.push(row)
  return rows
}
