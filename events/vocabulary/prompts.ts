import * as z from 'zod'
import { count, decoding, defineType, failure, text, word } from './define.ts'

/** A dialogue of several turns is the canonical JSON of `[{role, content}, …]`; one user turn is its bare text. */
export const form = z.enum(['plain', 'turns']).describe('how the text is to be read')

export const promptImported = defineType({
  type: 'prompt.imported',
  v: 1,
  sealed: true,
  meaning: 'A prompt read from a row of a dataset.',
  params: z.strictObject({ row: count.describe('index of the row, from 0') }),
  parents: { dataset: 'one' },
  seeded: false,
  out: z.strictObject({ text, form }),
})

export const promptGenerated = defineType({
  type: 'prompt.generated',
  v: 1,
  sealed: true,
  meaning: 'A red-team prompt that a model wrote, after examples or from its bare request mark.',
  params: z.strictObject({ ...decoding }),
  parents: { policy: 'one', example: 'many' },
  seeded: true,
  out: z.strictObject({ text, form, tokens: count }),
  failed: z.strictObject(failure),
})

export const promptScreened = defineType({
  type: 'prompt.screened',
  v: 1,
  sealed: true,
  meaning: 'Whether a prompt is used, and why not.',
  params: z.strictObject({ rule: word.describe('the screen that was applied'), max_bytes: count.optional() }),
  parents: { prompt: 'one' },
  seeded: false,
  out: z.strictObject({
    kept: z.boolean(),
    reason: z.enum([
      'kept',
      'too_long',
      'empty',
      'repeated',
      'unreadable',
      'not_mischievous',
      'held_out',
      'failed',
    ]),
  }),
})

export const prompts = [promptImported, promptGenerated, promptScreened] as const
