import * as z from 'zod'
import { digestSchema } from '../../events/event.ts'
import type { Choice, EmbedRequest, GenerateRequest, Model, Policy, Principle } from '../api.ts'
import { PluginMisbehaved, PrincipleRefused } from '../errors.ts'
import { boundAnswers, boundText, issueOf } from './answers.ts'
import { boundBy } from './by.ts'

const generated = z.object({ text: boundText, tokens: z.int().min(0), finish: z.enum(['stop', 'length']) })

/** Natural logarithm of a probability: rounding may put it a little above 0, and 0 itself is −∞. */
const logProbability = z
  .number({ error: 'a log-probability is a number' })
  .or(z.literal(-Infinity))
  .refine((value) => value <= 1e-3, 'a log-probability is at most 0')

const chosen = z
  .object({ first: logProbability, second: logProbability })
  .refine(({ first, second }) => first > -Infinity || second > -Infinity, {
    message: 'neither choice has any probability: that is the failure `no_mass_on_choices`',
  })

const features = (dimensions: number) =>
  z.object({
    features: z
      .instanceof(Float32Array, { error: 'features are a Float32Array' })
      .refine((vector) => vector.length === dimensions, `features have ${dimensions} dimensions`)
      .refine((vector) => vector.every(Number.isFinite), 'a feature is not finite'),
  })

const word = z.string().min(1).max(200)

const modelShape = (plugin: string) =>
  z.object({
    by: boundBy(plugin),
    name: word,
    determinism: z.enum(['exact', 'batch-dependent', 'sampled']),
    weights: digestSchema.nullable(),
    identity: z.record(z.string(), z.json()),
    templates: z.array(z.object({ name: word, text: boundText })),
    principleFields: z.array(z.enum(['critique', 'revision', 'preference'])),
    reasons: z.boolean(),
    pooling: word,
    dimensions: z.int().min(1).max(1_000_000),
    batch: z.int().min(1).max(1_000_000),
  })

/** A model whose answers are bound and watched. @throws PluginMisbehaved where it is not described as the port says */
export function boundModel(plugin: string, model: Model, answerMs: number): Model {
  const checked = modelShape(plugin).safeParse(model)
  if (!checked.success) throw new PluginMisbehaved(plugin, `its model is not one: ${issueOf(checked.error)}`)
  const described = checked.data
  const bound = (policy: Policy) => boundPolicy(plugin, policy, described.dimensions, answerMs)
  return {
    ...described,
    base: bound(model.base),
    at: async (weights) => bound(await model.at(weights)),
    checkPrinciples: (principles: readonly Principle[]) => {
      needFields(described.name, described.principleFields, principles)
      model.checkPrinciples(principles)
    },
    close: () => model.close(),
  }
}

function boundPolicy(plugin: string, policy: Policy, dimensions: number, patienceMs: number): Policy {
  const watch = (method: string) => ({ plugin, method, patienceMs })
  const vector = features(dimensions)
  return {
    generate: (requests: readonly GenerateRequest[], signal) =>
      boundAnswers(
        watch('generate'),
        requests.length,
        generated,
        (s) => policy.generate(requests, s),
        signal,
      ),
    choose: (requests: readonly Choice[], signal) =>
      boundAnswers(watch('choose'), requests.length, chosen, (s) => policy.choose(requests, s), signal),
    embed: (requests: readonly EmbedRequest[], signal) =>
      boundAnswers(watch('embed'), requests.length, vector, (s) => policy.embed(requests, s), signal),
  }
}

/** @throws PrincipleRefused naming the first principle that lacks a text which the model reads */
function needFields(
  model: string,
  fields: readonly ('critique' | 'revision' | 'preference')[],
  principles: readonly Principle[],
): void {
  for (const principle of principles) {
    for (const field of fields) {
      if (principle[field] === undefined) throw new PrincipleRefused(principle.key, model, field)
    }
  }
}
