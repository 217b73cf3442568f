import type { EventId, Recorded } from '../../events/event.ts'
import { probabilityFirst } from '../attribution/targets.ts'
import type { LabelDifference, LabelExample } from '../diff-types.ts'
import { Graph } from '../graph.ts'
import { type Aligned, aligned, type AlignedAct } from './aligned.ts'
import { type ComparedRuns, sharedGroups, textsOf } from './compared-runs.ts'
import { Mean } from './mean.ts'

const examples = 5
const labelTypes = ['label.assigned', 'label.imported']

interface Tally {
  readonly key: string
  labels: number
  otherPrinciple: number
  flipped: number
  readonly move: Mean
}

interface Flip {
  readonly place: Aligned
  readonly a: number
  readonly b: number
}

/** Labels at the same places. A flip is told only where both runs put the same two answers side by side. */
export const labelDifference = async (runs: ComparedRuns): Promise<LabelDifference> => {
  const counts = { compared: 0, onlyA: 0, onlyB: 0 }
  const total = tallyOf('')
  const tallies = new Map<string, Tally>()
  let flips: Flip[] = []
  for (const group of sharedGroups(runs))
    for await (const batch of aligned(runs.pool, {
      a: runs.a.get(group)!,
      b: runs.b.get(group)!,
      types: labelTypes,
      about: 'pair',
      keys: runs.keys,
    })) {
      for (const { a, b } of batch) {
        if (b === undefined) counts.onlyA++
        else if (a === undefined) counts.onlyB++
        else counts.compared++
      }
      const equal = batch.filter(({ a, b }) => a?.about !== undefined && a.about === b?.about)
      const probabilities = await probabilitiesOf(runs, equal)
      for (const place of equal) {
        const key = keyOf(runs, place.a!)
        const tally = tallies.get(key) ?? tallyOf(key)
        tallies.set(key, tally)
        const flip = count([total, tally], place, probabilities)
        if (flip !== undefined) flips.push(flip)
      }
      flips = largest(flips)
    }
  return {
    ...counts,
    onEqualPairs: total.labels,
    otherPrinciple: total.otherPrinciple,
    flipped: total.flipped,
    meanMove: total.move.value,
    byPrinciple: [...tallies.values()]
      .toSorted((x, y) => y.flipped - x.flipped || y.labels - x.labels)
      .map(({ move, ...tally }) => ({ ...tally, meanMove: move.value })),
    examples: await examplesOf(runs, flips),
  }
}

const tallyOf = (key: string): Tally => ({ key, labels: 0, otherPrinciple: 0, flipped: 0, move: new Mean() })

const keyOf = ({ keys }: ComparedRuns, { principle }: AlignedAct): string =>
  principle === undefined ? 'human' : (keys.get(principle) ?? principle)

/** Counts one place in some tallies; gives it back where the preferred answer changed. */
const count = (
  tallies: readonly Tally[],
  place: Aligned,
  probabilities: ReadonlyMap<EventId, number>,
): Flip | undefined => {
  const a = place.a!
  const b = place.b!
  const [pa, pb] =
    a.id === b.id ? (a.status === 'ok' ? [0.5, 0.5] : []) : [probabilities.get(a.id), probabilities.get(b.id)]
  const flipped = pa !== undefined && pb !== undefined && prefers(pa) !== prefers(pb)
  for (const tally of tallies) {
    tally.labels++
    if (a.principle !== b.principle) tally.otherPrinciple++
    if (flipped) tally.flipped++
    if (pa !== undefined && pb !== undefined) tally.move.add(Math.abs(pb - pa))
  }
  return flipped ? { place, a: pa, b: pb } : undefined
}

/** 1 the first answer, −1 the second, 0 neither. */
const prefers = (probability: number): number => Math.sign(probability - 0.5)

/** P(first answer of the pair) by label, where the two runs' labels differ; failed ones have none. */
const probabilitiesOf = async (
  { memo, pool }: ComparedRuns,
  places: readonly Aligned[],
): Promise<ReadonlyMap<EventId, number>> => {
  const differing = places.filter(({ a, b }) => a!.id !== b!.id)
  const wanted = differing.flatMap(({ a, b }) =>
    [a!, b!].filter(({ status }) => status === 'ok').map(({ id, about }) => ({ id, pair: about! })),
  )
  const events: readonly (Recorded | undefined)[] = await memo.events(wanted.map(({ id }) => id))
  const samples = await new Graph(pool).parentsOf([...new Set(wanted.map(({ pair }) => pair))], 'sample')
  return new Map(
    wanted.flatMap(({ id, pair }, k): [EventId, number][] => {
      const first = samples.get(pair)?.[0]?.parent
      const event = events[k]?.event
      return first === undefined || event === undefined ? [] : [[id, probabilityFirst(event, first)]]
    }),
  )
}

const largest = (flips: readonly Flip[]): Flip[] =>
  flips
    .toSorted((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a) || (x.place.a!.id < y.place.a!.id ? -1 : 1))
    .slice(0, examples)

const examplesOf = async (runs: ComparedRuns, flips: readonly Flip[]): Promise<readonly LabelExample[]> => {
  const pairs = flips.map(({ place }) => place.a!.about!)
  const graph = new Graph(runs.pool)
  const samples = await graph.parentsOf(pairs, 'sample')
  const answers = pairs.flatMap((pair) => [0, 1].map((side) => samples.get(pair)?.[side]?.parent ?? ''))
  const known = answers.filter((id) => id !== '')
  const events = new Map((await runs.memo.events(known)).map((event, k) => [known[k]!, event]))
  const texts = await textsOf(
    runs.memo,
    answers.map((id) => textDigest(events.get(id))),
  )
  return flips.map(({ place: { a, b }, a: pa, b: pb }, k) => ({
    pair: a!.about!,
    a: { id: a!.id, principle: keyOf(runs, a!), probabilityFirst: pa },
    b: { id: b!.id, principle: keyOf(runs, b!), probabilityFirst: pb },
    first: texts[2 * k]!,
    second: texts[2 * k + 1]!,
  }))
}

const textDigest = (recorded: Recorded | undefined): string =>
  (recorded?.event.out['text'] as { readonly digest?: string } | undefined)?.digest ?? ''
