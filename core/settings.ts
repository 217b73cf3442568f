import * as z from 'zod'

/** A plugin by name, package or path, with the options that it validates itself. */
const pluginRef = z
  .union([
    z.string().min(1),
    z.strictObject({ plugin: z.string().min(1), options: z.record(z.string(), z.json()).default({}) }),
  ])
  .transform((given) => (typeof given === 'string' ? { plugin: given, options: {} } : given))

const pluginSource = z.strictObject({
  plugin: z.string().min(1),
  options: z.record(z.string(), z.json()).default({}),
})
const fileSource = z.strictObject({
  file: z.string().min(1).describe('path, relative to the run file'),
  format: z.enum(['jsonl', 'text', 'hh-rlhf', 'hhh']),
  limit: z.int().min(1).optional().describe('rows read at most'),
  licence: z.string().optional(),
})
const source = z.union([pluginSource, fileSource])
const sources = z.union([source.transform((one) => [one]), z.array(source)])

const share = z.number().min(0).max(1)
const temperature = z.number().min(0).max(5)
const trainerSettings = z.record(z.string(), z.json()).default({})

const pocket = (kind: string, split: string, count: number) => [
  { plugin: 'pocket', options: { kind, split, count } },
]

const promptsSection = z.strictObject({
  red_team: sources.default(pocket('mischief', 'train', 1200)),
  helpful: sources.default(pocket('benign', 'train', 800)),
  held_out_red_team: sources.default(pocket('mischief', 'held_out', 400)),
  held_out_helpful: sources.default(pocket('benign', 'held_out', 400)),
  generate: z
    .strictObject({
      count: z.int().min(0).default(48).describe('red-team prompts that the model writes itself'),
      temperature: temperature.default(1),
      max_tokens: z.int().min(1).default(24),
      examples: z.int().min(0).default(0).describe('imported prompts shown before each (few-shot)'),
    })
    .prefault({}),
  screen: z
    .strictObject({
      max_bytes: z.int().min(1).default(8192),
      repeats: z.boolean().default(true).describe('whether a text may occur more than once'),
    })
    .prefault({}),
})

const critiqueSection = z.strictObject({
  rounds: z.int().min(0).max(16).default(4),
  mode: z.enum(['critiqued', 'direct']).default('critiqued'),
  respond_temperature: temperature.default(1),
  temperature: temperature.default(0.7),
  max_tokens: z.int().min(1).default(40),
})

const supervisedSection = z.strictObject({
  mix: z
    .union([z.enum(['all', 'final']), z.strictObject({ up_to: z.int().min(1) })])
    .default('all')
    .describe('which revisions are trained on: of all rounds, the last of each chain, or up to a round'),
  helpful: z.boolean().default(true).describe('whether the base’s answers to helpful prompts are mixed in'),
  checkpoint_every_steps: z.int().min(1).default(50),
  trainer: trainerSettings,
})

const feedbackSection = z.strictObject({
  pairs: z.int().min(0).default(5000),
  temperature: temperature.default(1),
  max_tokens: z.int().min(1).default(40),
  principles: z.enum(['drawn', 'ensemble']).default('drawn'),
  orders: z
    .array(z.enum(['ab', 'ba']))
    .min(1)
    .max(2)
    .refine((orders) => new Set(orders).size === orders.length, 'an order is asked once')
    .default(['ab', 'ba']),
  reasoning: z.boolean().default(false).describe('chain of thought before each choice, where the judge can'),
  reasoning_max_tokens: z.int().min(1).default(256),
})

const helpfulnessSection = z
  .strictObject({
    comparisons: z.int().min(0).default(4000),
    from: z.enum(['raters', 'dataset']).default('raters'),
    dataset: sources.optional(),
    red_team_share: share.default(0.1),
    temperature: temperature.default(1),
    hot_temperature: temperature
      .default(1.3)
      .describe('of the second answer: shows the raters repeats and nonsense too'),
    max_tokens: z.int().min(1).default(40),
    question: z.string().default('helpful'),
  })
  .refine(({ from, dataset }) => from !== 'dataset' || (dataset !== undefined && dataset.length > 0), {
    path: ['from'],
    message: 'comparisons from a dataset need one: name it under `dataset`',
  })

const preferenceSection = z.strictObject({
  lambda: z
    .number()
    .positive()
    .default(300)
    .describe(
      'L2 of the last layer: strong enough that shares of correlated comparisons do not cancel by the thousand',
    ),
  target: z.enum(['soft', 'hard', 'clamped']).default('soft'),
  held_out: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('share of the comparisons that only measure agreement'),
  score_pairs: z.boolean().default(false).describe('whether both answers of every comparison get a reward'),
})

const rlTraining = z
  .strictObject({
    name: z.string().min(1).max(60),
    steps: z.int().min(1),
    prompts_per_step: z.int().min(1).default(16),
    group: z.int().min(2).default(8),
    red_team_share: share.default(0.6),
    temperature: temperature.default(1),
    max_tokens: z.int().min(1).default(40),
    snapshots: z
      .array(z.int().min(1))
      .default([])
      .describe('steps after which the policy is published and evaluated, as after the last one'),
    checkpoint_every_steps: z.int().min(1).default(10),
    trainer: trainerSettings,
  })
  .refine(({ steps, snapshots }) => snapshots.every((step) => step <= steps), {
    path: ['snapshots'],
    message: 'a snapshot lies beyond the last step',
  })
const rlTrainings = z
  .array(rlTraining)
  .refine((trainings) => new Set(trainings.map(({ name }) => name)).size === trainings.length, {
    message: 'two trainings have one name',
  })

const evaluationSection = z.strictObject({
  max_tokens: z.int().min(1).default(40),
  temperature: temperature.default(1),
  comparisons: z
    .int()
    .min(0)
    .default(100)
    .describe('comparisons of each snapshot with the one before and with the base, per question'),
  questions: z.array(z.string()).default(['harmless', 'helpful']),
  items: sources.default([{ plugin: 'pocket', options: { kind: 'items', split: 'held_out', count: 400 } }]),
  score_chains: z.boolean().default(true),
  classify_rollouts: z.boolean().default(true),
})

const off = <T extends z.ZodType>(section: T) => z.union([z.literal(false), section])

/**
 * The run file. Every field has a default; together the defaults are the default run.
 * A stage is switched off with `false`.
 */
export const runFileSchema = z.strictObject({
  name: z.string().min(1).max(80).default('default'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 2)
    .default(1),
  constitution: z
    .string()
    .min(1)
    .default('petty-mischief')
    .describe('name of one that ships, or path of a YAML file'),
  model: pluginRef.prefault('pocket').describe('writes samples, critiques and revisions; is fine-tuned'),
  judge: pluginRef.optional().describe('the feedback model; the same model where absent'),
  trainer: off(pluginRef).prefault('pocket'),
  scorer: off(pluginRef).prefault('pocket').describe('measures answers'),
  raters: off(pluginRef)
    .prefault('pocket')
    .describe('stand in for people in helpfulness comparisons; always called simulated'),
  prompts: promptsSection.prefault({}),
  critique: off(critiqueSection).prefault({}),
  supervised: off(supervisedSection).prefault({}),
  feedback: off(feedbackSection).prefault({}),
  helpfulness: off(helpfulnessSection).prefault({}),
  preference: off(preferenceSection).prefault({}),
  reinforcement: off(rlTrainings).prefault([
    { name: 'RL-CAI', steps: 150, snapshots: [50, 100, 150], trainer: { learning_rate: 2e-4, beta: 0.2 } },
    { name: 'pushed', steps: 60, snapshots: [20, 40, 60], trainer: { learning_rate: 1e-4, beta: 0 } },
  ]),
  evaluation: off(evaluationSection).prefault({}),
  retention: z
    .strictObject({
      keep: z.enum(['published', 'all']).default('published'),
      last: z
        .int()
        .min(2)
        .default(2)
        .describe('unpublished checkpoints of each training that are kept besides'),
    })
    .prefault({})
    .describe('which checkpoints stay in the blob store; no part of the run’s identity'),
  workers: z.int().min(1).max(64).optional().describe('worker threads; no part of the run’s identity'),
})

export type Settings = z.infer<typeof runFileSchema>
export type SourceSettings = z.infer<typeof source>
export type RlSettings = z.infer<typeof rlTraining>
