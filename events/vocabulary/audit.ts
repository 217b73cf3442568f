import * as z from 'zod'
import { blob, count, defineType, digest, none, num, word } from './define.ts'

export const attributionRetrained = defineType({
  type: 'attribution.retrained',
  v: 1,
  sealed: false,
  meaning: 'A difference of rewards, refitted without one principle’s comparisons.',
  params: z.strictObject({ without: word.describe('the principle’s key, or human') }),
  parents: { answer: 'one', reference: 'many', preference_model: 'one' },
  seeded: false,
  out: z.strictObject({ difference: num, without: num, newton: num }),
})

export const replayCompared = defineType({
  type: 'replay.compared',
  v: 1,
  sealed: false,
  meaning: 'A training repeated from the log alone, and whether its weights are the recorded ones.',
  params: z.strictObject({ stage: word }),
  parents: { run: 'one', trained: 'one' },
  seeded: false,
  out: z.strictObject({
    recorded: digest.nullable().describe('weights after the last step; null where the trainer gave none'),
    replayed: digest.nullable(),
    equal: z.boolean().describe('whether the weights after every step are the recorded ones'),
    steps: count,
  }),
})

export const noteAdded = defineType({
  type: 'note.added',
  v: 1,
  sealed: false,
  meaning: 'A remark by a person on an event.',
  params: z.strictObject({ note: word, author: word.optional() }),
  parents: { about: 'one' },
  seeded: false,
  out: none,
})

export const exportWritten = defineType({
  type: 'export.written',
  v: 1,
  sealed: false,
  meaning: 'A file written from the record.',
  params: z.strictObject({ what: z.enum(['preferences', 'sft', 'rollouts']), to: z.enum(['parquet']) }),
  parents: { run: 'one' },
  seeded: false,
  out: z.strictObject({ rows: count, file: blob }),
})

export const audit = [attributionRetrained, replayCompared, noteAdded, exportWritten] as const
