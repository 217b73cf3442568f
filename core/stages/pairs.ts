import type { Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import { orderKey } from '../../events/place.ts'
import { pairFormed } from '../../events/vocabulary/feedback.ts'
import { ascendingBy, cycled, type Occurrences } from '../places.ts'
import type { PolicyRef } from '../policies.ts'
import { type PromptItem, succeeded } from '../prompt-items.ts'
import type { Stage } from '../stage.ts'
import { drawSamples } from './draw-samples.ts'

/** A pair at work: its event, its prompt, and both answers in the order of the pair. */
export interface Pair {
  readonly event: Recorded
  readonly prompt: PromptItem
  /** Which of the pairs on this text it is. */
  readonly i: number
  readonly samples: readonly [Recorded, Recorded]
  readonly texts: readonly [string, string]
}

/** Prompts for `count` acts: the list, ordered by the places' digests, gone through as often as needed. */
export const promptsFor = (
  runSeed: number,
  stage: string,
  prompts: readonly PromptItem[],
  count: number,
): readonly PromptItem[] => {
  if (prompts.length === 0) return []
  const ordered = ascendingBy(prompts, ({ subject, i }) => orderKey(runSeed, stage, subject, 0, i))
  return Array.from({ length: count }, (_, n) => cycled(ordered, n))
}

export interface PairWanted {
  readonly prompt: PromptItem
  /** Policy and temperature of the first answer and of the second. */
  readonly by: readonly [PolicyRef, PolicyRef]
  readonly temperatures: readonly [number, number]
}

/**
 * Draws two answers to each prompt and puts them side by side. A pair with a failed answer is not formed.
 * @param occurrences of the stage: which pair on its text each one is
 */
export const formPairs = async (
  stage: Stage,
  wanted: readonly PairWanted[],
  maxTokens: number,
  occurrences: Occurrences,
  progress: { readonly before?: number; readonly total?: number } = {},
): Promise<readonly Pair[]> => {
  const places = wanted.map(({ prompt }) => occurrences.next(prompt.subject))
  const samples = await drawSamples(
    stage,
    wanted.flatMap(({ prompt, by, temperatures }, n) =>
      ([0, 1] as const).map((side) => ({
        prompt,
        policy: by[side],
        i: 2 * places[n]! + side,
        temperature: temperatures[side],
        maxTokens,
      })),
    ),
    progress,
  )
  const sides = wanted.map((_, n) => [samples[2 * n]!, samples[2 * n + 1]!] as const)
  return pairsOf(
    stage,
    sides.flatMap((both, n) =>
      both.every(succeeded) ? [{ prompt: wanted[n]!.prompt, i: places[n]!, samples: both }] : [],
    ),
  )
}

export const pairsOf = async (
  stage: Stage,
  sides: readonly {
    readonly prompt: PromptItem
    readonly i: number
    readonly samples: readonly [Recorded, Recorded]
  }[],
): Promise<readonly Pair[]> => {
  const events = await stage.state(
    pairFormed,
    sides.map(({ prompt, i, samples }) => ({
      by: hansardBy,
      params: {},
      parents: [
        { role: 'prompt', id: prompt.id },
        { role: 'sample', id: samples[0].id },
        { role: 'sample', id: samples[1].id },
      ],
      draw: { subject: prompt.subject, round: 0, i },
      out: { status: 'ok' as const },
    })),
  )
  const texts = await stage.run.texts.of(sides.flatMap(({ samples }) => samples))
  return sides.map((side, n) => ({
    ...side,
    event: events[n]!,
    texts: [texts[2 * n]!, texts[2 * n + 1]!] as const,
  }))
}
