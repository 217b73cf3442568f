import type * as z from 'zod'
import type { EventId, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import { orderKey, seedOf } from '../../events/place.ts'
import { datasetImported } from '../../events/vocabulary/governance.ts'
import { promptGenerated, promptImported, promptScreened } from '../../events/vocabulary/prompts.ts'
import { type Answered, isFailure, type PromptRow, type Scorer, type Turn } from '../../plugins/api.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { theParent } from '../../lineage/record.ts'
import { ask, textRecord } from '../ask.ts'
import type { NamedSource } from '../cast.ts'
import { ascendingBy, Occurrences } from '../places.ts'
import { openPolicy } from '../policies.ts'
import { lastWords, type PromptItem, promptItems, succeeded, textOfDialogue } from '../prompt-items.ts'
import type { Settings } from '../settings.ts'
import { nowhere, ok, type Stage, type Statement } from '../stage.ts'
import type { Published } from './publish.ts'

/** Sets of prompts, by what they are for; absent where the run has none. */
export interface Prompts {
  readonly redTeam: EventId | undefined
  readonly helpful: EventId | undefined
  readonly heldOutRedTeam: EventId | undefined
  readonly heldOutHelpful: EventId | undefined
}

export type DatasetUse =
  | 'red_team'
  | 'helpful'
  | 'comparisons'
  | 'held_out_red_team'
  | 'held_out_helpful'
  | 'items'

export interface Dataset {
  readonly event: Recorded
  readonly source: NamedSource
  readonly rows: readonly PromptRow[]
}

/** Reads a dataset whole and records what was read. Rows of 2¹⁶ dialogues fit in memory; a log of them would not. */
export const importDataset = async (stage: Stage, use: DatasetUse, named: NamedSource): Promise<Dataset> => {
  const { source, name, licence } = named
  const rows: PromptRow[] = []
  for await (const row of source.rows(stage.run.signal)) rows.push(row)
  const event = await stage.stateOne(datasetImported, {
    by: source.by,
    params: {
      name,
      use,
      format: source.format,
      digest: await source.digest(),
      personal: false,
      ...(licence === undefined ? {} : { licence }),
    },
    parents: [],
    draw: nowhere('dataset.imported'),
    out: ok({ rows: rows.length }),
  })
  return { event, source: named, rows }
}

/** One `prompt.imported` a row, in the order of the rows. */
export const importPrompts = (stage: Stage, dataset: Dataset, occurrences: Occurrences) =>
  stage.state(
    promptImported,
    dataset.rows.map((row, index): Statement => {
      const { text, form } = textOfDialogue(row.turns)
      const record = textRecord(text)
      const subject = record.ref.digest
      return {
        by: dataset.source.source.by,
        params: { row: row.row ?? index },
        parents: [{ role: 'dataset', id: dataset.event.id }],
        draw: { subject, round: 0, i: occurrences.next(subject) },
        out: ok({ text: { ...record.ref }, form }),
        texts: [record],
      }
    }),
  )

const generatePrompts = async (
  stage: Stage,
  published: Published,
  imported: readonly PromptItem[],
): Promise<readonly Recorded[]> => {
  const { run } = stage
  const { count, temperature, max_tokens, examples } = run.settings.prompts.generate
  if (count === 0) return []
  const policy = await openPolicy(run, { event: published.model })
  const shown = ascendingBy(imported, (item) => orderKey(run.seed, 'examples', item.subject, 0, item.i))
  return ask(stage, {
    definition: promptGenerated,
    unit: 'prompts',
    model: true,
    asks: Array.from({ length: count }).map((_empty, i) => {
      const few = Array.from(
        { length: Math.min(examples, shown.length) },
        (_, e) => shown[(i * examples + e) % shown.length]!,
      )
      const subject = 'prompt.generated'
      const seed = seedOf(run.seed, 'prompt.generated', subject, 0, i)
      return {
        question: {
          by: run.cast.model.by,
          params: { temperature, max_tokens },
          parents: [
            { role: 'policy', id: published.model },
            ...few.map(({ id }) => ({ role: 'example', id })),
          ],
          draw: { subject, round: 0, i, seed },
        },
        request: {
          act: { act: 'prompt' as const, examples: few.map(({ dialogue }) => lastWords(dialogue)) },
          seed,
          temperature,
          maxTokens: max_tokens,
        },
      }
    }),
    put: (requests, signal) => policy.generate(requests, signal),
    given: ({ text, tokens }) => {
      const record = textRecord(text)
      return { out: { text: { ...record.ref }, form: 'plain', tokens }, texts: [record] }
    },
  })
}

type Reason = z.infer<typeof promptScreened.out>['reason']
type Verdict = { readonly kept: boolean; readonly reason: Reason }

const dropped = (reason: Reason): Verdict => ({ kept: false, reason })

/** What hansard itself finds about a prompt. @param again whether the text occurred before */
const verdictOf = (
  { dialogue }: PromptItem,
  again: boolean,
  settings: Settings['prompts']['screen'],
): Verdict => {
  if (Buffer.byteLength(textOfDialogue(dialogue).text) > settings.max_bytes) return dropped('too_long')
  if (lastWords(dialogue).trim() === '') return dropped('empty')
  return again && !settings.repeats ? dropped('repeated') : { kept: true, reason: 'kept' }
}

/**
 * Which of the red-team prompts are used. A prompt that the model wrote must also be of the kind asked for, where the
 * scorer can tell.
 */
const screen = async (
  stage: Stage,
  settings: Settings['prompts']['screen'],
  items: readonly PromptItem[],
  generated: ReadonlySet<EventId>,
): Promise<readonly PromptItem[]> => {
  const { scorer } = stage.run.cast
  const seen = new Set<string>()
  const occurrences = new Occurrences()
  const screens = items.map((item) => {
    const verdict = verdictOf(item, seen.has(item.subject), settings)
    seen.add(item.subject)
    const asked = scorer?.screen !== undefined && verdict.kept && generated.has(item.id)
    const question = {
      by: asked ? scorer.by : hansardBy,
      params: { rule: settings.repeats ? 'readable' : 'readable, once', max_bytes: settings.max_bytes },
      parents: [{ role: 'prompt', id: item.id }],
      draw: { subject: item.subject, round: 0, i: occurrences.next(item.subject) },
    }
    return { item, verdict, asked, question }
  })
  const told = await stage.state(
    promptScreened,
    screens
      .filter(({ asked }) => !asked)
      .map(({ question, verdict }) => ({ ...question, out: ok({ ...verdict }) })),
  )
  const answered = await ask(stage, {
    definition: promptScreened,
    unit: 'prompts',
    model: false,
    asks: screens
      .filter(({ asked }) => asked)
      .map(({ question, item: { dialogue } }) => ({ question, request: { dialogue } })),
    put: (requests, signal) => screenedBy(scorer!, requests, signal),
    given: (verdict) => ({ out: { ...verdict } }),
  })
  const kept = new Set(
    [...told, ...answered]
      .filter(({ event }) => outcomeOf(promptScreened, event)?.kept)
      .map((screened) => theParent(screened, 'prompt')),
  )
  return items.filter(({ id }) => kept.has(id))
}

/** A prompt that the scorer could not judge is not used, and that is its reason. */
async function* screenedBy(
  scorer: Scorer,
  requests: readonly { readonly dialogue: readonly Turn[] }[],
  signal: AbortSignal,
): AsyncIterable<Answered<Verdict>> {
  for await (const one of scorer.screen!(requests, signal))
    yield { ...one, answer: isFailure(one.answer) ? dropped('failed') : one.answer }
}

/** Imports prompts, lets the model write some more, screens the red-team ones, and says why one is dropped. */
export const gatherPrompts = async (stage: Stage, published: Published): Promise<Prompts> => {
  const { settings, cast } = stage.run
  const occurrences = new Occurrences()
  const importAll = async (
    use: DatasetUse,
    sources: readonly NamedSource[],
  ): Promise<readonly Recorded[]> => {
    const prompts: (readonly Recorded[])[] = []
    for (const named of sources)
      prompts.push(await importPrompts(stage, await importDataset(stage, use, named), occurrences))
    return prompts.flat()
  }
  const setOf = async (prompts: readonly { readonly id: EventId }[]): Promise<EventId | undefined> =>
    prompts.length === 0
      ? undefined
      : stage.form(
          'prompts',
          prompts.map(({ id }) => id),
        )

  const imported = await importAll('red_team', cast.sources.redTeam)
  const generated = await generatePrompts(stage, published, await promptItems(stage.run, imported))
  const written = generated.filter(succeeded)
  const candidates = await promptItems(stage.run, [...imported, ...written])
  const redTeam = await screen(
    stage,
    settings.prompts.screen,
    candidates,
    new Set(written.map(({ id }) => id)),
  )
  return {
    redTeam: await setOf(redTeam),
    helpful: await setOf(await importAll('helpful', cast.sources.helpful)),
    heldOutRedTeam: await setOf(await importAll('held_out_red_team', cast.sources.heldOutRedTeam)),
    heldOutHelpful: await setOf(await importAll('held_out_helpful', cast.sources.heldOutHelpful)),
  }
}
