import type { Recorded } from '../../events/event.ts'
import { sampleDrawn } from '../../events/vocabulary/supervised.ts'
import type { Generated } from '../../plugins/api.ts'
import { ask, type Given, textRecord } from '../ask.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import type { PromptItem } from '../prompt-items.ts'
import type { Stage } from '../stage.ts'
import { sampleQuestion } from './chain-questions.ts'

/** What of a generation is recorded by samples, critiques and revisions alike. */
export const writtenOut = ({ text, tokens, finish }: Generated): Given => {
  const record = textRecord(text)
  return { out: { text: { ...record.ref }, tokens, finish }, texts: [record] }
}

export interface SampleWanted {
  readonly prompt: PromptItem
  readonly policy: PolicyRef
  /** Which of the samples on this text it is. */
  readonly i: number
  readonly temperature: number
  readonly maxTokens: number
}

/** Draws answers to prompts; each from the seed of its own place, whatever is drawn beside it. */
export const drawSamples = async (
  stage: Stage,
  wanted: readonly SampleWanted[],
  progress: {
    readonly before?: number
    readonly total?: number
    readonly seen?: (event: Recorded, k: number) => void
  } = {},
): Promise<readonly Recorded[]> => {
  const { run } = stage
  const results: Recorded[] = Array.from({ length: wanted.length })
  const byPolicy = Map.groupBy(
    wanted.map((want, k) => ({ want, k })),
    ({ want }) => want.policy.event,
  )
  let before = progress.before ?? 0
  for (const group of byPolicy.values()) {
    const policy = await openPolicy(run, group[0]!.want.policy)
    const drawn = await ask(stage, {
      definition: sampleDrawn,
      unit: 'samples',
      model: true,
      before,
      total: progress.total ?? wanted.length,
      asks: group.map(({ want: { prompt, policy: ref, i, temperature, maxTokens } }) => {
        const question = sampleQuestion(run, prompt, ref.event, { i, temperature, maxTokens })
        const act = { act: 'respond' as const, dialogue: prompt.dialogue }
        return { question, request: { act, seed: question.draw.seed, temperature, maxTokens } }
      }),
      put: (requests, signal) => policy.generate(requests, signal),
      given: writtenOut,
      ...(progress.seen ? { seen: (event: Recorded, k: number) => progress.seen!(event, group[k]!.k) } : {}),
    })
    drawn.forEach((event, k) => {
      results[group[k]!.k] = event
    })
    before += group.length
  }
  return results
}
