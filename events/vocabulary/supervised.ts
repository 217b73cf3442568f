import * as z from 'zod'
import { count, decoding, defineType, failure, text } from './define.ts'

const written = z.strictObject({
  text,
  tokens: count.describe('tokens generated, the stop mark included'),
  finish: z.enum(['stop', 'length']).describe('whether the model ended by itself'),
})
const failed = z.strictObject(failure)

export const sampleDrawn = defineType({
  type: 'sample.drawn',
  v: 1,
  sealed: true,
  meaning: 'An answer that a policy gave to a prompt.',
  params: z.strictObject({ ...decoding }),
  parents: { prompt: 'one', policy: 'one' },
  seeded: true,
  out: written,
  failed,
})

export const critiqueWritten = defineType({
  type: 'critique.written',
  v: 1,
  sealed: true,
  meaning: 'The critique of an answer by the principle that was drawn for it (Bai et al. 2022, section 3.1).',
  params: z.strictObject({ ...decoding }),
  parents: { prompt: 'one', answer: 'one', principle: 'one', policy: 'one' },
  seeded: true,
  out: written,
  failed,
})

export const revisionWritten = defineType({
  type: 'revision.written',
  v: 1,
  sealed: true,
  meaning: 'The answer rewritten: by its critique, or directly by the principle.',
  params: z.strictObject({ ...decoding, mode: z.enum(['critiqued', 'direct']) }),
  parents: { prompt: 'one', answer: 'one', critique: 'optional', principle: 'one', policy: 'one' },
  seeded: true,
  out: written,
  failed,
})

export const supervised = [sampleDrawn, critiqueWritten, revisionWritten] as const
