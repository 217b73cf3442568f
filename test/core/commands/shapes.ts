import * as z from 'zod'

/** The documented JSON of every query; docs/cli.md says the same in words. Fields may be added, never taken away. */
const digest = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)

export const trust = z.looseObject({
  complete: z.boolean(),
  asOf: count,
  truncated: z.boolean(),
  missingParents: count,
  erased: count,
  signed: z.literal(false),
  grade: z.enum(['run', 'imported']),
  determinism: z.enum(['exact', 'batch-dependent', 'sampled', 'unknown']),
})

const share = { labels: count, addsUp: z.number(), withoutItsLabels: z.number() }
const label = z.looseObject({
  id: digest,
  principle: z.string(),
  probabilityFirst: z.number(),
  ordersAgree: z.boolean(),
  chosen: z.string().nullable(),
  rejected: z.string().nullable(),
  contribution: z.number(),
})

export const trace = z.looseObject({
  reward: z.looseObject({ id: digest, value: z.number() }),
  reference: z.looseObject({ kind: z.enum(['group mean', 'other answer']), value: z.number() }),
  difference: z.number(),
  residual: z.number(),
  principles: z.array(z.looseObject({ key: z.string(), id: digest, ...share })),
  human: z.looseObject(share),
  strongest: z.array(label),
  path: z.array(z.looseObject({ branch: z.string(), role: z.string(), id: digest, type: z.string() })),
  trust,
})

export const picks = z.looseObject({
  run: digest,
  picks: z.looseObject({
    largest: z.array(z.looseObject({ reward: digest, rollout: digest, advantage: z.number() })),
    refusedBenign: z.array(z.looseObject({ reward: digest, rollout: digest })),
    goodhart: z.array(z.looseObject({ reward: digest })),
    aliases: z.looseObject({ last: digest.optional(), best: digest.optional(), flagged: digest.optional() }),
  }),
})

export const why = z.looseObject({
  answer: z.looseObject({ id: digest, text: z.string().nullable() }),
  sinceWhen: z.array(z.looseObject({ stage: z.string(), refused: count, answers: count })),
  contrast: z
    .looseObject({
      gap: z.number(),
      residual: z.number(),
      principles: z.array(z.looseObject({ key: z.string(), id: digest, ...share })),
      human: z.looseObject(share),
      taughtBy: z.array(label),
    })
    .optional(),
  noContrast: z.string().optional(),
  limits: z.array(z.string()),
  trust,
})

export const run = z.strictObject({
  run: digest,
  seal: digest,
  events: count,
  modelCalls: count,
  seconds: z.number(),
})

export const runs = z.strictObject({
  runs: z.array(
    z.looseObject({
      id: digest,
      event: digest,
      state: z.enum(['sealed', 'open']),
      seal: digest.optional(),
      events: count,
      stages: z.array(z.string()),
      constitution: z.looseObject({ id: digest, name: z.string(), version: z.string(), principles: count }),
    }),
  ),
})

export const runPage = z.looseObject({
  run: z.looseObject({ id: digest, sealed: z.looseObject({ seal: digest, events: count }) }),
  changed: z.array(
    z.looseObject({ prompts: z.string(), rows: z.array(z.looseObject({ name: z.string() })) }),
  ),
  elo: z.array(z.looseObject({ question: z.string() })),
  judge: z.looseObject({ labels: count }),
  work: z.looseObject({ rows: z.array(z.looseObject({ contributor: z.string(), meanMove: z.number() })) }),
  goodhart: z.array(z.looseObject({ training: z.string() })),
  failures: z.array(z.looseObject({ type: z.string(), reason: z.string(), count })),
  trust,
})

export const events = z.strictObject({
  events: z.array(
    z.looseObject({
      id: digest,
      type: z.string(),
      status: z.enum(['ok', 'failed']),
      subject: z.string(),
      round: count,
      i: count,
      plugin: z.string(),
      partition: count,
      offset: count,
    }),
  ),
  more: z.boolean(),
})

export const show = z.looseObject({
  id: digest,
  type: z.string(),
  v: z.int(),
  fields: z.looseObject({}).nullable(),
  texts: z.array(z.looseObject({ digest, bytes: count, text: z.string().nullable() })),
  hash: z.looseObject({ recomputed: digest, equal: z.boolean(), bytes: count }),
  parents: z.looseObject({ count }),
  trust,
})

export const verification = z.looseObject({
  events: count,
  records: count,
  bad: z.array(z.looseObject({ kind: z.string(), what: z.string() })),
  badTotal: count,
  runs: z.array(z.looseObject({ run: digest, seal: digest, ok: z.boolean() })),
  proves: z.array(z.string()),
  doesNotProve: z.array(z.string()),
})

const digestOf = z.looseObject({ digest, nodes: count, edges: count })
export const rebuilt = z.looseObject({ before: digestOf, after: digestOf, equal: z.boolean() })

export const replayed = z.looseObject({
  run: digest,
  trainings: z.array(
    z.looseObject({
      stage: z.string(),
      method: z.string(),
      steps: count,
      recorded: digest,
      replayed: digest,
      equal: z.boolean(),
    }),
  ),
})

export const diff = z.looseObject({
  a: z.looseObject({ run: digest }),
  b: z.looseObject({ run: digest }),
  settings: z.array(z.looseObject({ path: z.string() })),
  constitution: z.looseObject({ same: count }),
  events: z.strictObject({ shared: count, onlyA: count, onlyB: count }),
  chains: z.looseObject({ compared: count, touched: count }),
  labels: z.looseObject({ compared: count, onEqualPairs: count, flipped: count }),
  rewards: z.looseObject({}),
  policies: z.array(z.looseObject({ name: z.string(), equal: z.boolean() })),
  trust,
})

export const constitutions = z.strictObject({
  constitutions: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      principles: z.array(z.strictObject({ key: z.string(), id: digest })),
    }),
  ),
})

export const plugins = z.strictObject({
  plugins: z.array(z.strictObject({ name: z.string(), version: z.string(), provides: z.array(z.string()) })),
})

export const checks = z.strictObject({
  checks: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['fine', 'warn', 'bad']),
      says: z.string(),
      mend: z.string().optional(),
    }),
  ),
})

export const backedUp = z.strictObject({
  file: z.string(),
  records: count,
  texts: count,
  blobs: count,
  bytes: count,
})
export const restored = z.strictObject({ home: z.string(), records: count, texts: count, blobs: count })

export const exported = z.looseObject({
  run: digest,
  what: z.enum(['preferences', 'sft', 'rollouts']),
  file: z.string(),
  rows: count,
  digest,
  bytes: count,
  erased: count,
  event: digest,
})
