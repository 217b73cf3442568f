import * as z from 'zod'
import { digestSchema, type Digest } from '../../events/event.ts'
import type { CheckpointReport, RlHost, RlJob, SftJob, StepReport, Trainer, Weights } from '../api.ts'
import { PluginMisbehaved } from '../errors.ts'
import { issueOf } from './answers.ts'
import { boundBy } from './by.ts'
import { boundHost } from './rl-host.ts'
import { watched } from './watched.ts'

/** Losses and rewards may be NaN where a training breaks: that is recorded, not refused. */
const anyNumber = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)])

const stepShape = z.object({
  kind: z.literal('step'),
  step: z.int().min(1),
  items: z.array(z.string()).min(1),
  lossNats: anyNumber,
  learningRate: anyNumber,
  gradientNorm: anyNumber,
  tokens: z.int().min(0),
  weights: digestSchema.optional(),
  rl: z.object({ klNats: anyNumber, klsNats: z.array(anyNumber), advantages: z.array(anyNumber) }).optional(),
})

const checkpointShape = z.object({
  kind: z.literal('checkpoint'),
  step: z.int().min(1),
  bytes: z.instanceof(Uint8Array, { error: 'a checkpoint’s bytes are a Uint8Array' }),
  weights: digestSchema,
})

const reportShape = z.discriminatedUnion('kind', [stepShape, checkpointShape])

const trainerShape = (plugin: string) =>
  z.object({
    by: boundBy(plugin),
    determinism: z.enum(['exact', 'batch-dependent', 'sampled']),
  })

type Report = StepReport | CheckpointReport

/**
 * A trainer whose reports are checked and watched: steps follow one another, a checkpoint follows its step, the last
 * step has one, and a reinforcement step scores what it was asked to roll out.
 *
 * @throws PluginMisbehaved
 */
export function boundTrainer(plugin: string, trainer: Trainer, stepMs: number): Trainer {
  const checked = trainerShape(plugin).safeParse(trainer)
  if (!checked.success)
    throw new PluginMisbehaved(plugin, `its trainer is not one: ${issueOf(checked.error)}`)
  const watch = (method: string) => ({ plugin, method, patienceMs: stepMs })
  return {
    ...checked.data,
    settings: (method, given) => trainer.settings(method, given),
    async weightsOf(start: Weights | undefined): Promise<Digest> {
      const digest = digestSchema.safeParse(await trainer.weightsOf(start))
      if (!digest.success) throw new PluginMisbehaved(plugin, `weightsOf: ${issueOf(digest.error)}`)
      return digest.data
    },
    async *sft(job: SftJob, signal: AbortSignal) {
      const reports = watched<unknown>(
        watch('sft'),
        (s, clock) =>
          trainer.sft(
            {
              ...job,
              async items(start, count) {
                clock.pause()
                try {
                  return await job.items(start, count)
                } finally {
                  clock.resume()
                }
              },
            },
            s,
          ),
        signal,
      )
      yield* inOrder(plugin, 'sft', reports, job.resume?.step ?? 0, undefined)
    },
    async *rl(job: RlJob, host: RlHost, signal: AbortSignal) {
      const reports = watched<unknown>(
        watch('rl'),
        (s, clock) => trainer.rl(job, boundHost(plugin, host, clock), s),
        signal,
      )
      yield* inOrder(plugin, 'rl', reports, job.resume?.step ?? 0, job.steps)
    },
  }
}

async function* inOrder(
  plugin: string,
  method: 'sft' | 'rl',
  reports: AsyncIterable<unknown>,
  resumedAfter: number,
  steps: number | undefined,
): AsyncGenerator<Report> {
  const misbehaved = (why: string) => new PluginMisbehaved(plugin, `${method}: ${why}`)
  let last = resumedAfter
  let saved = resumedAfter
  for await (const given of reports) {
    const checked = reportShape.safeParse(given)
    if (!checked.success) throw misbehaved(`after step ${last} came no report: ${issueOf(checked.error)}`)
    const report = checked.data as Report
    if (report.kind === 'checkpoint') {
      if (report.step !== last || last === resumedAfter) {
        throw misbehaved(`after step ${last} came a checkpoint of step ${report.step}`)
      }
      saved = last
    } else {
      if (report.step !== last + 1) throw misbehaved(`after step ${last} came step ${report.step}`)
      if (method === 'rl') problemOfRl(report, misbehaved)
      last = report.step
    }
    yield report
  }
  if (steps !== undefined && last !== steps) throw misbehaved(`it ended after step ${last} of ${steps}`)
  if (saved !== last) throw misbehaved(`it ended without a checkpoint of its last step, ${last}`)
}

const problemOfRl = (report: StepReport, misbehaved: (why: string) => Error): void => {
  if (!report.rl) throw misbehaved(`step ${report.step} reports no KL and no advantages`)
  const { klsNats, advantages } = report.rl
  const items = report.items.length
  if (klsNats.length !== items || advantages.length !== items) {
    throw misbehaved(
      `step ${report.step} has ${items} items, ${klsNats.length} KLs and ${advantages.length} advantages`,
    )
  }
}
