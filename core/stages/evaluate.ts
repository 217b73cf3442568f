import type { EventId, Recorded } from '../../events/event.ts'
import { numOf } from '../../events/texts.ts'
import { comparisonMade, itemAnswered } from '../../events/vocabulary/evaluation.ts'
import { ask } from '../ask.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { type PromptItem, promptsOfSet, succeeded, membersOf } from '../prompt-items.ts'
import type { Settings } from '../settings.ts'
import type { Stage } from '../stage.ts'
import { bothAnswers } from './both-answers.ts'
import { chooseOrders } from './choose-orders.ts'
import type { Chains } from './critique-revise.ts'
import { drawSamples } from './draw-samples.ts'
import { classifyAnswers, type Measured, scoreAnswers } from './measure.ts'
import { importDataset, type Prompts } from './prompts.ts'
import { definePrinciples, type Published } from './publish.ts'

/** A policy that is evaluated under a name. */
export interface Snapshot {
  readonly name: string
  readonly policy: PolicyRef
}

/** Answers of one snapshot to the held-out prompts, as sets in the prompts' order. */
export interface Evaluated {
  readonly name: string
  readonly redTeam: EventId | undefined
  readonly helpful: EventId | undefined
}

type EvaluationSettings = Exclude<Settings['evaluation'], false>

/** The first answers and every revision, measured: harm and helpfulness by revision (Fig. 5 of the paper). */
export const measureChains = async (stage: Stage, prompts: Prompts, chains: Chains): Promise<void> => {
  const { run } = stage
  const { evaluation } = run.settings
  if (
    evaluation === false ||
    !evaluation.score_chains ||
    chains.answers === undefined ||
    prompts.redTeam === undefined
  )
    return
  const items = new Map((await promptsOfSet(run, prompts.redTeam)).map((item) => [item.id, item]))
  const answers = await eventsOf(run, await membersOf(run, chains.answers))
  const texts = await run.texts.of(answers)
  const measured = answers.map((answer, k): Measured => ({
    answer,
    prompt: items.get(theParent(answer, 'prompt'))!,
    text: texts[k]!,
  }))
  await scoreAnswers(stage, measured)
  await classifyAnswers(stage, measured)
}

/** A snapshot answers every held-out prompt from the same random numbers as every other, and is measured. */
export const evaluateSnapshot = async (
  stage: Stage,
  prompts: Prompts,
  snapshot: Snapshot,
): Promise<Evaluated> => {
  const settings = stage.run.settings.evaluation as EvaluationSettings
  return {
    name: snapshot.name,
    redTeam: await answerHeldOut(stage, settings, prompts.heldOutRedTeam, snapshot),
    helpful: await answerHeldOut(stage, settings, prompts.heldOutHelpful, snapshot),
  }
}

const answerHeldOut = async (
  stage: Stage,
  settings: EvaluationSettings,
  set: EventId | undefined,
  { policy }: Snapshot,
): Promise<EventId | undefined> => {
  const { run } = stage
  if (set === undefined) return undefined
  const prompts = await promptsOfSet(run, set)
  const samples = await drawSamples(
    stage,
    prompts.map((prompt) => ({
      prompt,
      policy,
      i: prompt.i,
      temperature: settings.temperature,
      maxTokens: settings.max_tokens,
    })),
  )
  const good = samples.flatMap((answer, k) => (succeeded(answer) ? [{ answer, prompt: prompts[k]! }] : []))
  const texts = await run.texts.of(good.map(({ answer }) => answer))
  const measured = good.map((one, k): Measured => ({ ...one, text: texts[k]! }))
  await stage.quietly(async () => {
    await scoreAnswers(stage, measured)
    await classifyAnswers(stage, measured)
  })
  return good.length === 0
    ? undefined
    : stage.form(
        'samples',
        good.map(({ answer }) => answer.id),
      )
}

/** Pairwise comparisons of each snapshot with the base and with the one before: what Elo is computed from. */
export const compareSnapshots = async (
  stage: Stage,
  prompts: Prompts,
  snapshots: readonly Evaluated[],
): Promise<void> => {
  const { run } = stage
  const settings = run.settings.evaluation as EvaluationSettings
  const { scorer } = run.cast
  if (!scorer || settings.comparisons === 0 || snapshots.length < 2) return
  const rivals = snapshots.flatMap((one, k) =>
    [...new Set(k === 0 ? [] : [0, k - 1])].map((r) => [snapshots[r]!, one] as const),
  )
  for (const question of settings.questions.filter((asked) => scorer.questions.includes(asked))) {
    const side = question === 'helpful' ? ('helpful' as const) : ('redTeam' as const)
    const set = question === 'helpful' ? prompts.heldOutHelpful : prompts.heldOutRedTeam
    if (set === undefined) continue
    const items = new Map((await promptsOfSet(run, set)).map((item) => [item.id, item]))
    const answers = await answersByPrompt(stage, snapshots, side)
    const duels = rivals.flatMap(([a, b]) =>
      duelsOf(answers.get(a.name)!, answers.get(b.name)!, items, settings.comparisons),
    )
    await compare(stage, question, duels)
  }
}

interface Duel {
  readonly prompt: PromptItem
  readonly samples: readonly [Recorded, Recorded]
  readonly texts: readonly [string, string]
}

type ByPrompt = ReadonlyMap<EventId, { readonly sample: Recorded; readonly text: string }>

const answersByPrompt = async (
  stage: Stage,
  snapshots: readonly Evaluated[],
  side: 'redTeam' | 'helpful',
) => {
  const { run } = stage
  const all = new Map<string, ByPrompt>()
  for (const snapshot of snapshots) {
    const set = snapshot[side]
    const samples = set === undefined ? [] : await eventsOf(run, await membersOf(run, set))
    const texts = await run.texts.of(samples)
    all.set(
      snapshot.name,
      new Map(samples.map((sample, k) => [theParent(sample, 'prompt'), { sample, text: texts[k]! }])),
    )
  }
  return all
}

const duelsOf = (
  a: ByPrompt,
  b: ByPrompt,
  items: ReadonlyMap<EventId, PromptItem>,
  count: number,
): readonly Duel[] => {
  const duels: Duel[] = []
  for (const [id, prompt] of items) {
    const first = a.get(id)
    const second = b.get(id)
    if (first && second)
      duels.push({ prompt, samples: [first.sample, second.sample], texts: [first.text, second.text] })
    if (duels.length === count) break
  }
  return duels
}

const compare = async (stage: Stage, question: string, duels: readonly Duel[]): Promise<void> => {
  const scorer = stage.run.cast.scorer!
  await ask(stage, {
    definition: comparisonMade,
    unit: 'comparisons',
    model: false,
    asks: duels.map(({ prompt, samples, texts }) => ({
      question: {
        by: scorer.by,
        params: { question },
        parents: [
          { role: 'prompt', id: prompt.id },
          { role: 'sample', id: samples[0].id },
          { role: 'sample', id: samples[1].id },
        ],
        draw: { subject: prompt.subject, round: 0, i: prompt.i },
      },
      request: { dialogue: prompt.dialogue, first: texts[0], second: texts[1], question },
    })),
    put: (requests, signal) => scorer.compare(requests, signal),
    given: ({ preferred }) => ({ out: { preferred } }),
  })
}

/** The orders in which the two answers of an item are shown. */
const shownFirst = ['first', 'second'] as const

/** Items with a known right answer, put to the judge in both orders: its accuracy and calibration (HHH style). */
export const answerItems = async (stage: Stage, published: Published): Promise<void> => {
  const { run } = stage
  for (const named of run.cast.sources.items) {
    const { event, rows } = await importDataset(stage, 'items', named)
    const own = new Map(
      rows.flatMap(({ principle }) => (principle ? [[principle.key, principle] as const] : [])),
    )
    const defined = await definePrinciples(stage, [...own.values()])
    const ids = new Map([...own.keys()].map((key, k) => [key, defined[k]!.id]))
    const both = bothAnswers(named, rows)
    const policy = await openPolicy(run, { event: published.judge }, run.cast.judge)
    await ask(stage, {
      definition: itemAnswered,
      unit: 'items',
      model: true,
      asks: rows.map((row, index) => ({
        question: {
          by: run.cast.judge.by,
          params: { row: row.row ?? index, group: row.group ?? 'other', right: 'first' },
          parents: [
            { role: 'dataset', id: event.id },
            { role: 'policy', id: published.judge },
            ...(row.principle ? [{ role: 'principle', id: ids.get(row.principle.key)! }] : []),
          ],
          draw: { subject: itemAnswered.type, round: 0, i: index },
        },
        request: shownFirst.map((side) => {
          const [right, wrong] = both[index]!
          const answers = side === 'first' ? ([right, wrong] as const) : ([wrong, right] as const)
          return { dialogue: row.turns, answers, principle: row.principle }
        }),
      })),
      put: (requests, signal) => chooseOrders(policy, requests, signal),
      given: ({ orders }) => ({
        out: {
          orders: orders.map(({ first, second }, o) => ({
            shown_first: shownFirst[o]!,
            logprob_first_nats: numOf(first),
            logprob_second_nats: numOf(second),
          })),
        },
      }),
    })
  }
}
