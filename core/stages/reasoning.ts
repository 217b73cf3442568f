import type { EventId } from '../../events/event.ts'
import { seedOf } from '../../events/place.ts'
import { feedbackReasoned } from '../../events/vocabulary/feedback.ts'
import { ask } from '../ask.ts'
import { openPolicy } from '../policies.ts'
import { succeeded } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Settings } from '../settings.ts'
import type { Stage } from '../stage.ts'
import { writtenOut } from './draw-samples.ts'
import type { Pair } from './pairs.ts'
import type { Published } from './publish.ts'

export type FeedbackSettings = Exclude<Settings['feedback'], false>
/** Which answer of a pair is shown first: ab its first. */
export type Order = FeedbackSettings['orders'][number]

/** One label wanted: a pair under one principle, and what the judge thought of it in each order, where it was asked to. */
export interface LabelWanted {
  readonly pair: Pair
  readonly key: string
  readonly reasons?: ReadonlyMap<Order, { readonly id: EventId; readonly text: string }>
}

/** Drawn as the model would write by itself. */
const temperature = 1

/**
 * Chain of thought: the judge reasons about each order before it chooses. Resolves to the labels that have all their
 * reasons; where one failed, that is the outcome, and nothing is chosen without it.
 */
export const reasonAbout = async (
  stage: Stage,
  published: Published,
  { orders, reasoning_max_tokens: maxTokens }: FeedbackSettings,
  labels: readonly LabelWanted[],
): Promise<readonly LabelWanted[]> => {
  const { run } = stage
  const { judge, constitution } = run.cast
  const policy = await openPolicy(run, { event: published.judge }, judge)
  const events = await ask(stage, {
    definition: feedbackReasoned,
    unit: 'reasonings',
    model: true,
    asks: labels.flatMap(({ pair, key }) =>
      orders.map((order) => {
        const i = 2 * pair.i + (order === 'ab' ? 0 : 1)
        const seed = seedOf(run.seed, 'feedback.reasoned', pair.prompt.subject, 0, i)
        const [a, b] = pair.texts
        return {
          question: {
            by: judge.by,
            params: { temperature, max_tokens: maxTokens, order },
            parents: [
              { role: 'pair', id: pair.event.id },
              { role: 'policy', id: published.judge },
              { role: 'principle', id: published.principles.find((one) => one.key === key)!.id },
            ],
            draw: { subject: pair.prompt.subject, round: 0, i, seed },
          },
          request: {
            act: {
              act: 'reason' as const,
              dialogue: pair.prompt.dialogue,
              answers: order === 'ab' ? ([a, b] as const) : ([b, a] as const),
              principle: constitution.principles.find((one) => one.key === key)!,
            },
            seed,
            temperature,
            maxTokens,
          },
        }
      }),
    ),
    put: (requests, signal) => policy.generate(requests, signal),
    given: writtenOut,
  })
  const good = events.filter(succeeded)
  const texts = new Map((await run.texts.of(good)).map((text, n) => [good[n]!.id, text]))
  return labels.flatMap((label, k): readonly LabelWanted[] => {
    const own = events.slice(k * orders.length, (k + 1) * orders.length)
    if (!own.every((event) => succeeded(event) || isUnasked(event))) return []
    const reasons = own.flatMap(({ id }, o) => {
      const text = texts.get(id)
      return text === undefined ? [] : [[orders[o]!, { id, text }] as const]
    })
    return [{ ...label, reasons: new Map(reasons) }]
  })
}
