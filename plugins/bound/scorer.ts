import * as z from 'zod'
import type { CompareRequest, Scorer, ScoreRequest, Turn } from '../api.ts'
import { PluginMisbehaved } from '../errors.ts'
import { boundAnswers, issueOf } from './answers.ts'
import { boundBy } from './by.ts'

const word = z.string().min(1).max(200)
const place = z.int().min(0).optional()

const scored = z.object({ scores: z.record(word, z.union([z.number(), z.nan()])) })
const screened = z.object({
  kept: z.boolean(),
  reason: z.enum(['kept', 'unreadable', 'not_mischievous', 'held_out']),
})
const classified = z.object({
  refuses: z.boolean(),
  flat: z.boolean(),
  engaged: z.boolean(),
  start: place,
  end: place,
})
const compared = z.object({
  preferred: z.enum(['first', 'second', 'tie']),
  probabilityFirst: z.number().min(0).max(1).optional(),
})

const scorerShape = (plugin: string) =>
  z.object({
    by: boundBy(plugin),
    name: word,
    determinism: z.enum(['exact', 'batch-dependent', 'sampled']),
    questions: z.array(word),
    simulatesRaters: z.boolean(),
  })

type Of<M extends (...given: never[]) => AsyncIterable<unknown>> =
  ReturnType<M> extends AsyncIterable<{ answer: infer A }> ? Exclude<A, { failed: unknown }> : never

/** A scorer whose answers are bound and watched. @throws PluginMisbehaved */
export function boundScorer(plugin: string, scorer: Scorer, patienceMs: number): Scorer {
  const checked = scorerShape(plugin).safeParse(scorer)
  if (!checked.success) throw new PluginMisbehaved(plugin, `its scorer is not one: ${issueOf(checked.error)}`)
  const watch = (method: string) => ({ plugin, method, patienceMs })
  const screen = scorer.screen?.bind(scorer)
  return {
    ...checked.data,
    score: (requests: readonly ScoreRequest[], signal) =>
      boundAnswers(
        watch('score'),
        requests.length,
        scored as z.ZodType<Of<Scorer['score']>>,
        (s) => scorer.score(requests, s),
        signal,
      ),
    ...(screen === undefined
      ? {}
      : {
          screen: (requests: readonly { readonly dialogue: readonly Turn[] }[], signal: AbortSignal) =>
            boundAnswers(watch('screen'), requests.length, screened, (s) => screen(requests, s), signal),
        }),
    classify: (requests: readonly ScoreRequest[], signal) =>
      boundAnswers(
        watch('classify'),
        requests.length,
        classified as z.ZodType<Of<Scorer['classify']>>,
        (s) => scorer.classify(requests, s),
        signal,
      ),
    compare: (requests: readonly CompareRequest[], signal) =>
      boundAnswers(
        watch('compare'),
        requests.length,
        compared as z.ZodType<Of<Scorer['compare']>>,
        (s) => scorer.compare(requests, s),
        signal,
      ),
  }
}
