import * as z from 'zod'
import { base64, blob, count, decoding, defineType, digest, failure, num, text, word } from './define.ts'

export const rolloutDrawn = defineType({
  type: 'rollout.drawn',
  v: 1,
  sealed: true,
  meaning:
    'An answer that the policy of one RL step gave; `policy` is the train.stepped whose weights drew it.',
  params: z.strictObject({ ...decoding }),
  parents: { prompt: 'one', policy: 'one' },
  seeded: true,
  out: z.strictObject({
    text,
    finish: z.enum(['stop', 'length']),
    tokens: count,
    token_ids: base64.optional().describe('uint32 little-endian, the stop mark included'),
    logprobs_nats: base64.optional().describe('float32 little-endian, one per token, as sampled'),
    blob: blob.optional().describe('token ids, then log-probs, where they are larger than 8 KiB'),
  }),
  failed: z.strictObject({ ...failure, tokens: count.optional() }),
})

export const rewardScored = defineType({
  type: 'reward.scored',
  v: 1,
  sealed: true,
  meaning: 'The reward of one answer by a preference model: θ·f(x), no bias, no centring.',
  params: z.strictObject({ mode: z.enum(['preference_model', 'direct']) }),
  parents: { answer: 'one', preference_model: 'optional', principle: 'many' },
  seeded: false,
  out: z.strictObject({
    value: num,
    components: z
      .array(z.strictObject({ name: word, value: num, weight: num.optional() }))
      .optional()
      .describe('parts that sum to the value, where the mode has them'),
    features: base64.optional().describe('float32 little-endian'),
    features_blob: blob.optional(),
  }),
  failed: z.strictObject(failure),
})

export const policyPublished = defineType({
  type: 'policy.published',
  v: 1,
  sealed: true,
  meaning: 'A snapshot of the policy, named, evaluated and kept.',
  params: z.strictObject({ name: word }),
  parents: { checkpoint: 'optional', policy: 'one' },
  seeded: false,
  out: z.strictObject({ weights: digest.nullable() }),
})

export const reinforcement = [rolloutDrawn, rewardScored, policyPublished] as const
