import * as z from 'zod'
import { count, decoding, defineType, digest, failure, nats, none, num, text, word } from './define.ts'

export const pairFormed = defineType({
  type: 'pair.formed',
  v: 1,
  sealed: true,
  meaning: 'Two answers to one prompt, put side by side; the parents’ order is first, second.',
  params: none,
  parents: { prompt: 'one', sample: 'some' },
  seeded: false,
  out: none,
})

export const feedbackReasoned = defineType({
  type: 'feedback.reasoned',
  v: 1,
  sealed: true,
  meaning: 'The feedback model’s reasoning about a pair, before it chooses (chain of thought).',
  params: z.strictObject({
    ...decoding,
    order: z.enum(['ab', 'ba']).describe('which answer is shown first'),
  }),
  parents: { pair: 'one', principle: 'one', policy: 'one' },
  seeded: true,
  out: z.strictObject({ text, tokens: count, finish: z.enum(['stop', 'length']) }),
  failed: z.strictObject(failure),
})

/** Raw evidence of one order: soft, hard, clamped and averaged labels are functions of it. */
const orderEvidence = z.strictObject({
  first: digest.describe('id of the sample shown first'),
  logprob_first_nats: nats.describe('log-probability of the choice that names the answer shown first'),
  logprob_second_nats: nats,
  reasoning: digest.optional().describe('id of the feedback.reasoned of this order'),
})

export const labelAssigned = defineType({
  type: 'label.assigned',
  v: 1,
  sealed: true,
  meaning:
    'One comparison of a pair: by a feedback model under one principle, or by simulated raters without one.',
  params: z.strictObject({
    method: z.enum(['choice_logprobs', 'simulated_raters']),
    orders: z.array(z.enum(['ab', 'ba'])).describe('orders asked for'),
    question: word.optional().describe('what simulated raters were asked'),
  }),
  parents: { pair: 'one', principle: 'optional', policy: 'optional', reasoning: 'many' },
  seeded: 'either',
  out: z.strictObject({
    orders: z.array(orderEvidence).optional(),
    preferred: z.enum(['first', 'second']).optional().describe('a rater’s choice'),
    probability_first: num
      .optional()
      .describe('the probability with which simulated raters drew that choice'),
  }),
  failed: z.strictObject({ ...failure, order: z.enum(['ab', 'ba']).optional() }),
})

export const labelImported = defineType({
  type: 'label.imported',
  v: 1,
  sealed: true,
  meaning: 'A human comparison read from a dataset.',
  params: z.strictObject({ row: count }),
  parents: { dataset: 'one', pair: 'one' },
  seeded: false,
  out: z.strictObject({ preferred: z.enum(['first', 'second']) }),
})

export const answerImported = defineType({
  type: 'sample.imported',
  v: 1,
  sealed: true,
  meaning: 'An answer read from a row of a dataset.',
  params: z.strictObject({ row: count, which: z.enum(['chosen', 'rejected']) }),
  parents: { dataset: 'one', prompt: 'one' },
  seeded: false,
  out: z.strictObject({ text }),
  failed: none,
})

export const feedback = [pairFormed, feedbackReasoned, labelAssigned, labelImported, answerImported] as const
