import type { EventId, Recorded } from '../../events/event.ts'
import { labelAssigned } from '../../events/vocabulary/feedback.ts'
import { setFormed } from '../../events/vocabulary/training.ts'
import { probabilityFirst } from '../attribution/targets.ts'
import { paramsOf } from '../outcome.ts'
import { parentOf, parentsOf, theParent } from '../record.ts'
import { doubleColumn, textColumn, turnsColumn } from './columns.ts'
import {
  allOfType,
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
 * One row a label, in the order of the comparisons that the preference model was fitted to, then those held out.
 * `label_probability` is P(chosen is better), 0.5 … 1; `labeller` says who compared.
 */
export const preferenceColumns: readonly ParquetColumn[] = [
  turnsColumn('prompt'),
  turnsColumn('chosen'),
  turnsColumn('rejected'),
  doubleColumn('label_probability'),
  textColumn('labeller'),
  textColumn('split'),
  textColumn('principle', 'OPTIONAL'),
  textColumn('principle_id', 'OPTIONAL'),
  textColumn('label_id'),
  textColumn('pair_id'),
  textColumn('chosen_id'),
  textColumn('rejected_id'),
  textColumn('prompt_id'),
]

export async function* preferenceRows(source: ExportSource): AsyncGenerator<ParquetRow> {
  const keys = new PrincipleKeys(source.memo)
  for (const { set, split } of await comparisonSets(source))
    for await (const labels of membersInBatches(source.memo, set))
      yield* rowsOf(
        source,
        keys,
        labels.filter(({ event }) => event.out.status === 'ok'),
        split,
      )
}

/** The sets that were fitted and those held out; where nothing was fitted, all sets of comparisons. */
const comparisonSets = async (
  source: ExportSource,
): Promise<readonly { readonly set: EventId; readonly split: 'train' | 'held_out' }[]> => {
  const sets = (await allOfType(source, setFormed.type)).map(({ id, event }) => ({
    id,
    purpose: paramsOf(setFormed, event).purpose,
  }))
  const fitted = await trainedSets(source, 'preference')
  const train =
    fitted.length > 0 ? fitted : sets.filter(({ purpose }) => purpose === 'comparisons').map(({ id }) => id)
  return [
    ...train.map((set) => ({ set, split: 'train' as const })),
    ...sets
      .filter(({ purpose }) => purpose === 'held_out')
      .map(({ id }) => ({ set: id, split: 'held_out' as const })),
  ]
}

async function* rowsOf(
  source: ExportSource,
  keys: PrincipleKeys,
  labels: readonly Recorded[],
  split: string,
): AsyncGenerator<ParquetRow> {
  const { memo, leftOut } = source
  const pairs = await load(
    memo,
    labels.map((label) => theParent(label, 'pair')),
  )
  const answers = await load(
    memo,
    pairs.flatMap((pair) => parentsOf(pair, 'sample').slice(0, 2)),
  )
  const prompts = await load(
    memo,
    pairs.map((pair) => theParent(pair, 'prompt')),
  )
  const texts = await textsOfEvents(memo, [...answers, ...prompts])
  await keys.learn(labels.map((label) => parentOf(label, 'principle')))
  for (const [k, label] of labels.entries()) {
    const [first, second] = [answers[2 * k]!, answers[2 * k + 1]!]
    const probability = probabilityFirst(label.event, first.id)
    const [chosen, rejected] = probability >= 0.5 ? [first, second] : [second, first]
    const prompt = prompts[k]!
    const [asked, better, worse] = [prompt, chosen, rejected].map(({ id }) => texts.get(id) ?? null)
    if (asked === null || better === null || worse === null) {
      leftOut.erased++
      continue
    }
    const principle = parentOf(label, 'principle')
    yield {
      prompt: turnsOf(prompt, asked!),
      chosen: answerTurn(better!),
      rejected: answerTurn(worse!),
      label_probability: Math.max(probability, 1 - probability),
      labeller: labellerOf(label),
      split,
      principle: keys.of(principle),
      principle_id: principle ?? null,
      label_id: label.id,
      pair_id: pairs[k]!.id,
      chosen_id: chosen.id,
      rejected_id: rejected.id,
      prompt_id: prompt.id,
    }
  }
}

const labellerOf = ({ event }: Recorded): 'model' | 'simulated raters' | 'people' => {
  if (event.type !== labelAssigned.type) return 'people'
  return paramsOf(labelAssigned, event).method === 'simulated_raters' ? 'simulated raters' : 'model'
}
