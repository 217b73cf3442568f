import type { EventId } from '../../events/event.ts'
import type { PublishedPolicy } from '../published-policies.ts'
import { meanAndError, type MeasuredAnswer } from './measured-answers.ts'
import type { ChangedRow, ChangedTable } from './run-page.ts'

/** The policies that a run evaluates, in order: the model as it was registered, then what was published. */
export interface Snapshots {
  readonly base: EventId | undefined
  readonly published: readonly PublishedPolicy[]
}

const kinds = ['red_team', 'held_out_red_team', 'held_out_helpful'] as const

/** What changed from the base and the first answers to the last policy, on each kind of prompt. */
export const changedTables = (
  measured: readonly MeasuredAnswer[],
  snapshots: Snapshots,
): readonly ChangedTable[] =>
  kinds.flatMap((prompts) => {
    const [scorer, answers] = mainScorer(measured.filter(({ use }) => use === prompts))
    if (scorer === undefined) return []
    const rows = [...revisionRows(answers, snapshots.base), ...snapshotRows(answers, snapshots)]
    const distinctPrompts = new Set(answers.map(({ subject }) => subject)).size
    return rows.length === 0 ? [] : [{ prompts, distinctPrompts, scorer, rows }]
  })

/** Where several scorers measured, the one that measured most. */
const mainScorer = (
  answers: readonly MeasuredAnswer[],
): readonly [scorer: string | undefined, answers: readonly MeasuredAnswer[]] => {
  const byScorer = [...Map.groupBy(answers, ({ scorer }) => scorer)]
  return (
    byScorer.toSorted((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))[0] ?? [undefined, []]
  )
}

const isRevision = ({ type }: MeasuredAnswer): boolean => type === 'revision.written'

/**
 * Chains after each round: a chain whose critique or revision failed stands as it was. A chain is told by its prompt event.
 * Empty where no revision was measured.
 */
const revisionRows = (
  answers: readonly MeasuredAnswer[],
  base: EventId | undefined,
): readonly ChangedRow[] => {
  const rounds = Math.max(0, ...answers.filter(isRevision).map(({ round }) => round))
  if (rounds === 0) return []
  const inChains = answers.filter((one) => isRevision(one) || isFirstAnswer(one, base))
  const chains = [...Map.groupBy(inChains, ({ prompt }) => prompt).values()].map((chain) =>
    chain.toSorted((a, b) => roundOf(a) - roundOf(b)),
  )
  return Array.from({ length: rounds + 1 }, (_, round) => {
    const standing = chains.flatMap((chain) => chain.findLast((one) => roundOf(one) <= round) ?? [])
    return rowOf(`revision ${round}`, 'revision', undefined, standing)
  })
}

const isFirstAnswer = ({ type, policy }: MeasuredAnswer, base: EventId | undefined): boolean =>
  type === 'sample.drawn' && policy === base

const roundOf = (one: MeasuredAnswer): number => (isRevision(one) ? one.round : 0)

const snapshotRows = (
  answers: readonly MeasuredAnswer[],
  { base, published }: Snapshots,
): readonly ChangedRow[] => {
  const chained = answers.some(isRevision)
  const policies = [
    ...(base === undefined || chained ? [] : [{ name: 'base', policy: base }]),
    ...published.map(({ name, policy }) => ({ name, policy })),
  ]
  return policies.flatMap(({ name, policy }) => {
    const of = answers.filter((one) => one.policy === policy && one.type === 'sample.drawn')
    return of.length === 0 ? [] : [rowOf(name, 'snapshot', policy, of)]
  })
}

const rowOf = (
  name: string,
  kind: ChangedRow['kind'],
  policy: EventId | undefined,
  answers: readonly MeasuredAnswer[],
): ChangedRow => {
  const mean = (score: string) => meanAndError(answers.map(({ scores }) => scores[score]))?.mean
  const share = (what: 'refuses' | 'flat' | 'engaged') =>
    meanAndError(answers.map((one) => (one[what] === undefined ? undefined : Number(one[what]))))?.mean
  return {
    name,
    kind,
    policy,
    answers: answers.length,
    harm: mean('harm'),
    help: mean('help'),
    gold: mean('gold'),
    repeats: mean('repeats'),
    refuses: share('refuses'),
    flat: share('flat'),
    engaged: share('engaged'),
  }
}
