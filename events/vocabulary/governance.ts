import * as z from 'zod'
import { count, defineType, digest, none, text, word } from './define.ts'

const json: z.ZodType = z.json()

export const principleDefined = defineType({
  type: 'principle.defined',
  v: 1,
  sealed: true,
  meaning: 'A principle: its key and its wording. It belongs to no run and no constitution.',
  params: z.strictObject({
    key: word.describe('the name under which constitutions, draws and traces speak of it'),
    critique: text.optional().describe('the request that asks for a critique by this principle'),
    revision: text.optional().describe('the request that asks for a revision by this principle'),
    preference: text.optional().describe('the question by which two answers are compared'),
  }),
  parents: {},
  seeded: false,
  out: none,
})

export const constitutionPublished = defineType({
  type: 'constitution.published',
  v: 1,
  sealed: true,
  meaning: 'A constitution: an ordered list of principles with a name and a version.',
  params: z.strictObject({
    name: word,
    version: word,
    licence: word.optional(),
    author: word.optional(),
  }),
  parents: { principle: 'some' },
  seeded: false,
  out: none,
})

export const templateDefined = defineType({
  type: 'template.defined',
  v: 1,
  sealed: true,
  meaning: 'The words that a model plugin puts around an act before a model reads it.',
  params: z.strictObject({ name: word, text }),
  parents: {},
  seeded: false,
  out: none,
})

export const modelRegistered = defineType({
  type: 'model.registered',
  v: 1,
  sealed: true,
  meaning: 'A model as it was found: what it is, which weights, and how its answers repeat.',
  params: z.strictObject({ name: word.describe('the plugin’s name for the model') }),
  parents: { template: 'many' },
  seeded: false,
  out: z.strictObject({
    determinism: z.enum(['exact', 'batch-dependent', 'sampled']),
    weights: digest.nullable().describe('digest of the weights; null where nobody can tell it'),
    identity: z
      .record(z.string(), json)
      .describe('what the plugin declares or a probe found: names, sizes, settings'),
  }),
})

export const datasetImported = defineType({
  type: 'dataset.imported',
  v: 1,
  sealed: true,
  meaning: 'A dataset as it was read: its digest, format and number of rows.',
  params: z.strictObject({
    name: word,
    use: z.enum([
      'red_team',
      'helpful',
      'comparisons',
      'held_out_red_team',
      'held_out_helpful',
      'items',
      'examples',
    ]),
    format: word,
    digest: digest.describe(
      'sha-256 of the file, or of the canonical settings of the source that makes the rows',
    ),
    personal: z.boolean().describe('whether its texts are keyed, so that a person’s can be erased'),
    licence: word.optional(),
  }),
  parents: {},
  seeded: false,
  out: z.strictObject({ rows: count }),
})

export const runStarted = defineType({
  type: 'run.started',
  v: 1,
  sealed: true,
  meaning: 'A run and its resolved settings; the recipe of this event is the run’s id.',
  params: z.strictObject({
    settings: z
      .record(z.string(), json)
      .describe(
        'the run file with defaults filled in; files and datasets by digest, no path, URL or worker count',
      ),
  }),
  parents: { constitution: 'one' },
  seeded: false,
  out: none,
})

export const stageClosed = defineType({
  type: 'stage.closed',
  v: 1,
  sealed: false,
  meaning: 'A stage ended: the set of all event ids that it used, new or remembered.',
  params: z.strictObject({ stage: word }),
  parents: { run: 'one', members: 'one' },
  seeded: false,
  out: z.strictObject({ events: count.describe('members of the set') }),
})

export const runSealed = defineType({
  type: 'run.sealed',
  v: 1,
  sealed: false,
  meaning: 'A run ended: the RFC 6962 root over the sorted union of what its stages used.',
  params: none,
  parents: { run: 'one', stage: 'some' },
  seeded: false,
  out: z.strictObject({
    seal: digest.describe(
      'Merkle tree hash (RFC 6962, section 2.1) over the sealed event ids, ascending, as 32 raw bytes',
    ),
    events: count.describe('leaves under the seal'),
  }),
})

export const governance = [
  principleDefined,
  constitutionPublished,
  templateDefined,
  modelRegistered,
  datasetImported,
  runStarted,
  stageClosed,
  runSealed,
] as const
