import type { Recorded } from '../../events/event.ts'
import { parentOf, theParent } from '../record.ts'
import { intColumn, textColumn, turnsColumn } from './columns.ts'
import {
  answerTurn,
  type ExportSource,
  load,
  membersInBatches,
  textsOfEvents,
  trainedSets,
  turnsOf,
} from './export-source.ts'
import type { ParquetColumn, ParquetRow } from './parquet-file.ts'
import { PrincipleKeys } from './principle-keys.ts'

/**
 * One row an answer that the policy was fine-tuned on, in the order of training. `round` is the round of its revision, 0
 * for answers to helpful prompts; `principle` is the one that its revision went by.
 */
export const sftColumns: readonly ParquetColumn[] = [
  turnsColumn('messages'),
  textColumn('kind'),
  intColumn('round'),
  textColumn('principle', 'OPTIONAL'),
  textColumn('principle_id', 'OPTIONAL'),
  textColumn('answer_id'),
  textColumn('prompt_id'),
]

export async function* sftRows(source: ExportSource): AsyncGenerator<ParquetRow> {
  const keys = new PrincipleKeys(source.memo)
  for (const set of await trainedSets(source, 'sft'))
    for await (const answers of membersInBatches(source.memo, set)) yield* rowsOf(source, keys, answers)
}

async function* rowsOf(
  { memo, leftOut }: ExportSource,
  keys: PrincipleKeys,
  answers: readonly Recorded[],
): AsyncGenerator<ParquetRow> {
  const prompts = await load(
    memo,
    answers.map((answer) => theParent(answer, 'prompt')),
  )
  const texts = await textsOfEvents(memo, [...answers, ...prompts])
  await keys.learn(answers.map((answer) => parentOf(answer, 'principle')))
  for (const [k, answer] of answers.entries()) {
    const prompt = prompts[k]!
    const [asked, said] = [texts.get(prompt.id) ?? null, texts.get(answer.id) ?? null]
    if (asked === null || said === null) {
      leftOut.erased++
      continue
    }
    const principle = parentOf(answer, 'principle')
    yield {
      messages: [...turnsOf(prompt, asked), ...answerTurn(said)],
      kind: answer.event.type === 'revision.written' ? 'revision' : 'helpful answer',
      round: answer.event.draw.round,
      principle: keys.of(principle),
      principle_id: principle ?? null,
      answer_id: answer.id,
      prompt_id: prompt.id,
    }
  }
}
