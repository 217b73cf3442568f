import type { Recorded } from '../../events/event.ts'
import { seedOf } from '../../events/place.ts'
import { numOf } from '../../events/texts.ts'
import { answerImported, labelAssigned, labelImported } from '../../events/vocabulary/feedback.ts'
import { ask, textRecord } from '../ask.ts'
import { cycled, Occurrences } from '../places.ts'
import type { PolicyRef } from '../policies.ts'
import { promptItems, promptsOfSet, succeeded } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Settings } from '../settings.ts'
import type { Stage, Statement } from '../stage.ts'
import { bothAnswers } from './both-answers.ts'
import type { Labels } from './feedback.ts'
import { formPairs, type Pair, type PairWanted, pairsOf, promptsFor } from './pairs.ts'
import { type Dataset, importDataset, importPrompts, type Prompts } from './prompts.ts'
import type { Published } from './publish.ts'

type HelpfulnessSettings = Exclude<Settings['helpfulness'], false>

/**
 * Section 4.1 of the paper takes helpfulness comparisons from people. Here they come from a dataset, or from simulated
 * raters, who are called so wherever their labels are shown.
 */
export const compareHelpfulness = async (
  stage: Stage,
  published: Published,
  prompts: Prompts,
  policy: PolicyRef,
): Promise<Labels> => {
  const settings = stage.run.settings.helpfulness
  if (settings === false || settings.comparisons === 0) return { labels: undefined }
  const labels =
    settings.from === 'dataset'
      ? await importComparisons(stage, settings)
      : await rateComparisons(stage, settings, published, prompts, policy)
  return {
    labels:
      labels.length === 0
        ? undefined
        : await stage.form(
            'comparisons',
            labels.map(({ id }) => id),
          ),
  }
}

const rateComparisons = async (
  stage: Stage,
  settings: HelpfulnessSettings,
  published: Published,
  prompts: Prompts,
  policy: PolicyRef,
): Promise<readonly Recorded[]> => {
  const { run } = stage
  const { raters } = run.cast
  if (!raters) return []
  const wanted = await comparisonsWanted(stage, settings, published, prompts, policy)
  const total = 3 * wanted.length
  const pairs = await formPairs(stage, wanted, settings.max_tokens, new Occurrences(), { total })
  const labels = await ask(stage, {
    definition: labelAssigned,
    unit: 'samples and labels',
    model: false,
    before: 2 * wanted.length,
    total,
    asks: pairs.map(({ event, prompt, i, texts }) => {
      const seed = seedOf(run.seed, 'label.assigned', prompt.subject, 0, i)
      return {
        question: {
          by: raters.by,
          params: { method: 'simulated_raters', orders: ['ab'], question: settings.question },
          parents: [{ role: 'pair', id: event.id }],
          draw: { subject: prompt.subject, round: 0, i, seed },
        },
        request: {
          dialogue: prompt.dialogue,
          first: texts[0],
          second: texts[1],
          question: settings.question,
          seed,
        },
      }
    }),
    put: (requests, signal) => raters.compare(requests, signal),
    given: ({ preferred, probabilityFirst }) =>
      preferred === 'tie'
        ? { failed: 'no_answer' }
        : {
            out: {
              preferred,
              ...(probabilityFirst === undefined ? {} : { probability_first: numOf(probabilityFirst) }),
            },
          },
  })
  return labels.filter((label) => succeeded(label) || isUnasked(label))
}

/** Half of the pairs set the supervised policy against itself, half against the base; the second answer is drawn hotter. */
const comparisonsWanted = async (
  stage: Stage,
  settings: HelpfulnessSettings,
  published: Published,
  prompts: Prompts,
  policy: PolicyRef,
): Promise<readonly PairWanted[]> => {
  const { run } = stage
  const redTeam = prompts.redTeam === undefined ? [] : await promptsOfSet(run, prompts.redTeam)
  const helpful = prompts.helpful === undefined ? [] : await promptsOfSet(run, prompts.helpful)
  const fromRedTeam =
    helpful.length === 0 ? settings.comparisons : Math.round(settings.comparisons * settings.red_team_share)
  const chosen = [
    ...promptsFor(run.seed, 'helpfulness', redTeam, redTeam.length === 0 ? 0 : fromRedTeam),
    ...promptsFor(
      run.seed,
      'helpfulness',
      helpful,
      helpful.length === 0 ? 0 : settings.comparisons - fromRedTeam,
    ),
  ]
  const base: PolicyRef = { event: published.model }
  return chosen.map((prompt, n) => ({
    prompt,
    by: [cycled([policy, base], n), policy],
    temperatures: [settings.temperature, settings.hot_temperature],
  }))
}

/** Human comparisons from a dataset: its prompts, both answers of each row, and which of them was preferred. */
const importComparisons = async (
  stage: Stage,
  settings: HelpfulnessSettings,
): Promise<readonly Recorded[]> => {
  const labels: (readonly Recorded[])[] = []
  const occurrences = new Occurrences()
  let left = settings.comparisons
  for (const named of stage.run.cast.sources.comparisons) {
    const read = await importDataset(stage, 'comparisons', named)
    const rows = read.rows.slice(0, left)
    left -= rows.length
    labels.push(await importRows(stage, { ...read, rows }, occurrences))
  }
  return labels.flat()
}

const importRows = async (
  stage: Stage,
  dataset: Dataset,
  occurrences: Occurrences,
): Promise<readonly Recorded[]> => {
  const both = bothAnswers(dataset.source, dataset.rows)
  const prompts = await importPrompts(stage, dataset, occurrences)
  const items = await promptItems(stage.run, prompts)
  const by = dataset.source.source.by
  const rowOf = (n: number): number => dataset.rows[n]!.row ?? n
  const answers = await stage.state(
    answerImported,
    both.flatMap((texts, n) =>
      (['chosen', 'rejected'] as const).map((which, side): Statement => {
        const record = textRecord(texts[side]!)
        const { subject, i } = prompts[n]!.event.draw
        return {
          by,
          params: { row: rowOf(n), which },
          parents: [
            { role: 'dataset', id: dataset.event.id },
            { role: 'prompt', id: prompts[n]!.id },
          ],
          draw: { subject, round: 0, i: 2 * i + side },
          out: { status: 'ok', text: { ...record.ref } },
          texts: [record],
        }
      }),
    ),
  )
  const pairs: readonly Pair[] = await pairsOf(
    stage,
    items.map((prompt, n) => ({
      prompt,
      i: prompts[n]!.event.draw.i,
      samples: [answers[2 * n]!, answers[2 * n + 1]!] as const,
    })),
  )
  return stage.state(
    labelImported,
    pairs.map(({ event, prompt, i }, n): Statement => ({
      by,
      params: { row: rowOf(n) },
      parents: [
        { role: 'dataset', id: dataset.event.id },
        { role: 'pair', id: event.id },
      ],
      draw: { subject: prompt.subject, round: 0, i },
      out: { status: 'ok', preferred: 'first' },
    })),
  )
}
