import type { ChainDifference, ChainExample } from '../diff-types.ts'
import { type Aligned, aligned, type AlignedAct } from './aligned.ts'
import { type ComparedRuns, sharedGroups, textsOf } from './compared-runs.ts'

const examples = 5
const chainTypes = ['sample.drawn', 'critique.written', 'revision.written']

interface Chain {
  a: boolean
  b: boolean
  touched: boolean
}

/** Critiques and revisions at the same places. Holds a few bytes a chain: one of nine acts. */
export const chainDifference = async (runs: ComparedRuns): Promise<ChainDifference> => {
  const chains = new Map<string, Chain>()
  const acts = { sameEvent: 0, sameText: 0, otherText: 0, otherPrinciple: 0 }
  const rounds = new Map<number, { round: number; compared: number; otherText: number }>()
  const shown: Aligned[] = []
  for (const group of sharedGroups(runs).filter((name) => name === 'critique'))
    for await (const batch of aligned(runs.pool, {
      a: runs.a.get(group)!,
      b: runs.b.get(group)!,
      types: chainTypes,
      keys: runs.keys,
    }))
      for (const place of batch) {
        const { a, b, round } = place
        const chain = chainOf(chains, place)
        chain.a ||= a !== undefined
        chain.b ||= b !== undefined
        if (place.type === 'sample.drawn') continue
        if (a === undefined || b === undefined) {
          chain.touched = true
          continue
        }
        const counted = rounds.get(round) ?? { round, compared: 0, otherText: 0 }
        rounds.set(round, counted)
        counted.compared++
        if (keyOf(runs, a) !== keyOf(runs, b)) acts.otherPrinciple++
        if (a.id === b.id) acts.sameEvent++
        else if (a.texts === b.texts && a.status === b.status) acts.sameText++
        else {
          acts.otherText++
          counted.otherText++
          chain.touched = true
          if (place.type === 'revision.written' && shown.length < examples) shown.push(place)
        }
      }
  const both = [...chains.values()].filter(({ a, b }) => a && b)
  return {
    compared: both.length,
    touched: both.filter(({ touched }) => touched).length,
    onlyA: [...chains.values()].filter(({ a, b }) => a && !b).length,
    onlyB: [...chains.values()].filter(({ a, b }) => b && !a).length,
    acts,
    byRound: [...rounds.values()].toSorted((x, y) => x.round - y.round),
    examples: await examplesOf(runs, shown),
  }
}

const chainOf = (chains: Map<string, Chain>, { subject, i }: Aligned): Chain => {
  const key = `${i} ${subject}`
  const known = chains.get(key)
  if (known !== undefined) return known
  const chain = { a: false, b: false, touched: false }
  chains.set(key, chain)
  return chain
}

const keyOf = ({ keys }: ComparedRuns, { principle }: AlignedAct): string | null =>
  principle === undefined ? null : (keys.get(principle) ?? principle)

const examplesOf = async (
  runs: ComparedRuns,
  places: readonly Aligned[],
): Promise<readonly ChainExample[]> => {
  const acts = places.flatMap(({ a, b }) => [a!, b!])
  const texts = await textsOf(
    runs.memo,
    acts.map(({ status, texts: packed }) => (status === 'ok' ? packed : '')),
  )
  const shown = acts.map((act, k) => ({ id: act.id, principle: keyOf(runs, act), text: texts[k]! }))
  return places.map(({ round }, k) => ({ round, a: shown[2 * k]!, b: shown[2 * k + 1]! }))
}
