import * as z from 'zod'
import { count, defineType, failure, nats, num, word } from './define.ts'

export const comparisonMade = defineType({
  type: 'comparison.made',
  v: 1,
  sealed: true,
  meaning: 'Two snapshots’ answers to one prompt, compared; the parents’ order is first, second.',
  params: z.strictObject({ question: word.describe('harmless or helpful') }),
  parents: { prompt: 'one', sample: 'some' },
  seeded: false,
  out: z.strictObject({ preferred: z.enum(['first', 'second', 'tie']) }),
  failed: z.strictObject(failure),
})

export const itemAnswered = defineType({
  type: 'item.answered',
  v: 1,
  sealed: true,
  meaning: 'An item of a binary comparison set with a known right answer, answered by a model (HHH style).',
  params: z.strictObject({
    row: count,
    group: word.describe('the part of the set: helpful, honest, harmless, other'),
    right: z.enum(['first', 'second']),
  }),
  parents: { dataset: 'one', policy: 'one', principle: 'optional' },
  seeded: false,
  out: z.strictObject({
    orders: z.array(
      z.strictObject({
        shown_first: z.enum(['first', 'second']),
        logprob_first_nats: nats,
        logprob_second_nats: nats,
      }),
    ),
  }),
  failed: z.strictObject(failure),
})

export const harmScored = defineType({
  type: 'harm.scored',
  v: 1,
  sealed: true,
  meaning: 'An answer measured by a scorer: harm, helpfulness and whatever else it counts.',
  params: z.strictObject({ scorer: word }),
  parents: { prompt: 'one', answer: 'one' },
  seeded: false,
  out: z.strictObject({
    scores: z.record(word, num).describe('by name; the scorer’s documentation gives units'),
  }),
  failed: z.strictObject(failure),
})

export const refusalClassified = defineType({
  type: 'refusal.classified',
  v: 1,
  sealed: true,
  meaning: 'Whether an answer refuses, and whether it refuses flatly.',
  params: z.strictObject({ scorer: word }),
  parents: { prompt: 'one', answer: 'one' },
  seeded: false,
  out: z.strictObject({
    refuses: z.boolean(),
    flat: z.boolean().describe('nothing in it is about what was asked'),
    engaged: z.boolean().describe('engages without harm'),
    start: count.optional().describe('first word of what was taken as a refusal'),
    end: count.optional().describe('the word after its last'),
  }),
  failed: z.strictObject(failure),
})

export const evaluation = [comparisonMade, itemAnswered, harmScored, refusalClassified] as const
