import { comparisonMade } from '../../events/vocabulary/evaluation.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { parentsOf, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import type { Snapshots } from './changed.ts'
import { eloOf, type Duel } from './elo.ts'
import { eventsOfType } from './run-events.ts'
import type { EloTable } from './run-page.ts'

/** Ratings of a run's snapshots, a table for each question that their answers were compared by. */
export const eloTables = async (
  access: RecordAccess,
  run: RunMembers,
  { base, published }: Snapshots,
): Promise<readonly EloTable[]> => {
  const made = await eventsOfType(access, run, comparisonMade.type, 'ok')
  const samples = made.map((event) => parentsOf(event, 'sample'))
  const policies = await access.graph.parentsOf(samples.flat(), 'policy')
  const policyOf = (sample: string | undefined): string =>
    (sample === undefined ? undefined : policies.get(sample)?.[0]?.parent) ?? ''
  const rivals = [
    ...(base === undefined ? [] : [{ name: 'base', policy: base }]),
    ...published.map(({ name, policy }) => ({ name, policy })),
  ]
  const duels = made.map(({ event }, at) => ({
    question: paramsOf(comparisonMade, event).question,
    first: policyOf(samples[at]![0]),
    second: policyOf(samples[at]![1]),
    preferred: outcomeOf(comparisonMade, event)!.preferred,
  }))
  return [...Map.groupBy(duels, ({ question }) => question)].map(([question, of]) =>
    tableOf(question, of, rivals),
  )
}

const tableOf = (
  question: string,
  duels: readonly Duel[],
  rivals: readonly { readonly name: string; readonly policy: string }[],
): EloTable => {
  const met = new Set(duels.flatMap(({ first, second }) => [first, second]))
  const present = rivals.filter(({ policy }) => met.has(policy))
  const ratings = eloOf(
    present.map(({ policy }) => policy),
    duels,
  )
  return {
    question,
    comparisons: duels.length,
    ties: duels.filter(({ preferred }) => preferred === 'tie').length,
    points: present.map(({ name, policy }, at) => ({ name, policy, elo: ratings[at]! })),
  }
}
