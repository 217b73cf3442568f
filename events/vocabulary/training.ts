import * as z from 'zod'
import { blob, count, defineType, digest, nats, none, num, word } from './define.ts'

export const setFormed = defineType({
  type: 'set.formed',
  v: 1,
  sealed: true,
  meaning: 'The root of a set: an ordered list of events as a tree of at most 512 children a node.',
  params: z.strictObject({
    purpose: z
      .enum(['prompts', 'sft', 'pairs', 'comparisons', 'held_out', 'rewards', 'samples', 'stage'])
      .describe('what the set was formed for'),
    count: count.describe('members under this root'),
    depth: count.describe('levels of nodes below this root; 0 where its children are the members'),
  }),
  parents: { child: 'many' },
  seeded: false,
  out: none,
})

export const setNode = defineType({
  type: 'set.node',
  v: 1,
  sealed: true,
  meaning: 'An inner node of a set, which many sets may share.',
  params: z.strictObject({ count: count.describe('members under this node'), depth: count }),
  parents: { child: 'some' },
  seeded: false,
  out: none,
})

export const trainStarted = defineType({
  type: 'train.started',
  v: 1,
  sealed: true,
  meaning: 'A training began: from which policy, on which set, with which settings.',
  params: z.strictObject({
    method: z.enum(['sft', 'preference', 'rl']),
    settings: z
      .record(z.string(), z.json())
      .describe('every setting of the trainer that changes the weights, units in the names'),
  }),
  parents: { policy: 'one', set: 'optional', preference_model: 'optional' },
  seeded: false,
  out: z.strictObject({
    weights: digest.describe(
      'weights at step 0: sha-256 over tensors sorted by name (name, dtype, shape, bytes)',
    ),
  }),
})

export const trainStepped = defineType({
  type: 'train.stepped',
  v: 1,
  sealed: true,
  meaning: 'One optimiser step, on the members start … start+count−1 of its set in the set’s own order.',
  params: z.strictObject({
    step: count.describe('from 1'),
    start: count,
    count,
  }),
  parents: { after: 'one', set: 'optional', features: 'optional' },
  seeded: false,
  out: z.strictObject({
    loss_nats: nats,
    learning_rate: num,
    gradient_norm: num.describe('before clipping'),
    tokens: count.describe('tokens trained on'),
    weights: digest.optional().describe('weights after the step'),
    iterations: count.optional().describe('Newton iterations, where the step is a fit to the optimum'),
    kl_nats: nats
      .optional()
      .describe('mean over the items of log p(policy) − log p(reference) of the whole answer'),
    advantages: z.array(num).optional().describe('in item order'),
    kls_nats: z.array(num).optional().describe('per item, in item order'),
  }),
})

export const checkpointSaved = defineType({
  type: 'checkpoint.saved',
  v: 1,
  sealed: true,
  meaning: 'The state after a step, written to the blob store before this event named it.',
  params: z.strictObject({ kind: z.enum(['policy', 'preference_model']) }),
  parents: { step: 'one' },
  seeded: false,
  out: z.strictObject({
    blob: blob.describe(
      'the file to go on from: weights and optimiser state, or the head of a preference model',
    ),
    weights: digest,
  }),
})

export const featuresComputed = defineType({
  type: 'features.computed',
  v: 1,
  sealed: true,
  meaning: 'The features of both answers of every pair of a set, by a frozen trunk.',
  params: z.strictObject({ pooling: word.describe('how token states become one vector') }),
  parents: { policy: 'one', set: 'one' },
  seeded: false,
  out: z.strictObject({
    blob: blob.describe('float32 little-endian, [comparisons, 2, dimensions], in the set’s order'),
    comparisons: count.describe('pairs of the set'),
    dimensions: count,
    failed: z
      .array(count)
      .optional()
      .describe('comparisons without features (NaN in the blob): they take no part'),
  }),
})

export const training = [
  setFormed,
  setNode,
  trainStarted,
  trainStepped,
  checkpointSaved,
  featuresComputed,
] as const
