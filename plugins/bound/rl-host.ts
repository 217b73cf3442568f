import * as z from 'zod'
import type { DrawnRollout, RlHost, RolloutRequest } from '../api.ts'
import { PluginMisbehaved } from '../errors.ts'
import { boundText, issueOf } from './answers.ts'
import type { Clock } from './watched.ts'

const rolloutShape = z
  .object({
    id: z.string(),
    text: boundText,
    finish: z.enum(['stop', 'length']),
    tokenIds: z.instanceof(Uint32Array),
    logprobs: z.instanceof(Float32Array),
    features: z.instanceof(Float32Array),
  })
  .refine(({ tokenIds, logprobs }) => tokenIds.length === logprobs.length, {
    message: 'a rollout has one log-probability a token',
  })

/** The side of the record, which takes from a trainer only the rollouts that it asked for, each once. */
export function boundHost(plugin: string, host: RlHost, clock: Clock): RlHost {
  const asked = new Map<number, readonly RolloutRequest[]>()
  const paused = async <T>(work: () => Promise<T>): Promise<T> => {
    clock.pause()
    try {
      return await work()
    } finally {
      clock.resume()
    }
  }
  return {
    prompts: (step) =>
      paused(async () => {
        const requests = await host.prompts(step)
        asked.clear()
        asked.set(step, requests)
        return requests
      }),
    score: (step, given) =>
      paused(async () => {
        const misbehaved = (why: string) => new PluginMisbehaved(plugin, `rl, step ${step}: ${why}`)
        const requests = asked.get(step)
        if (!requests) throw misbehaved('it sent rollouts that it was not asked for')
        const rollouts = z.array(rolloutShape).safeParse(given)
        if (!rollouts.success) throw misbehaved(`its rollouts are none: ${issueOf(rollouts.error)}`)
        const problem = problemOfIds(requests, rollouts.data)
        if (problem) throw misbehaved(problem)
        return host.score(step, rollouts.data)
      }),
  }
}

const problemOfIds = (
  requests: readonly RolloutRequest[],
  rollouts: readonly DrawnRollout[],
): string | undefined => {
  const left = new Set(requests.map(({ id }) => id))
  for (const { id } of rollouts) {
    if (!left.delete(id)) return `rollout ${id} was not asked for, or came twice`
  }
  return left.size > 0 ? `${left.size} of ${requests.length} rollouts did not come` : undefined
}
