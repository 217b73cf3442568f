import * as z from 'zod'
import type { Json } from '../../../events/event.ts'
import { InvalidSetting } from './errors.ts'

const common = {
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.98),
  weight_decay: z.number().min(0).default(0),
  clip_norm: z.number().positive().default(1),
}

const sftSchema = z.strictObject({
  batch: z.int().min(1).max(4096).default(64).describe('items a step'),
  epochs: z.int().min(1).max(100).default(1),
  learning_rate: z.number().positive().default(5e-4).describe('at the start; falls linearly to a tenth'),
  ...common,
})

const rlSchema = z.strictObject({
  learning_rate: z.number().positive().default(2e-4),
  beta: z.number().min(0).default(0.2).describe('weight of the KL term, per answer, in rewards a nat'),
  ...common,
})

export type SftSettings = z.infer<typeof sftSchema>
export type RlTrainerSettings = z.infer<typeof rlSchema>

export const sftSettings = (given: Readonly<Record<string, Json>>): SftSettings =>
  checked('sft', sftSchema, given)
export const rlSettings = (given: Readonly<Record<string, Json>>): RlTrainerSettings =>
  checked('rl', rlSchema, given)

/** @throws InvalidSetting with the field's name */
function checked<T>(method: string, schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => [...path.map(String), message].join(': '))
  throw new InvalidSetting(method, problems.join('; '))
}
