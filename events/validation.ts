import * as z from 'zod'
import type { Draw, Json, Outcome, Params, Parent } from './event.ts'
import { excerpt } from './excerpt.ts'
import { type Cardinality, type EventType, failureReason } from './vocabulary/define.ts'

/** The parts of an event that its type's schema speaks of. */
interface Content {
  readonly params: Params
  readonly parents: readonly Parent[]
  readonly draw: Draw
  readonly out: Outcome
}

/** A type's schemas as events are held against them. */
export interface Compiled {
  readonly params: z.ZodType
  readonly ok: z.ZodType
  readonly failed: z.ZodType | undefined
  /** Sorted by role, as an event's parents are. */
  readonly parents: readonly (readonly [role: string, cardinality: Cardinality])[]
}

const compiled = new WeakMap<EventType, Compiled>()

/** A type's schemas with `status` and `reason` built in: made once, since zod compiles at first use. */
export const compile = (definition: EventType): Compiled => {
  const known = compiled.get(definition)
  if (known !== undefined) return known
  const made: Compiled = {
    params: definition.params,
    ok: withFields(definition, definition.out, { status: z.literal('ok') }),
    failed:
      definition.failed === undefined
        ? undefined
        : withFields(definition, definition.failed, { status: z.literal('failed'), reason: failureReason }),
    parents: Object.entries(definition.parents).sort(([a], [b]) => (a < b ? -1 : 1)),
  }
  compiled.set(definition, made)
  return made
}

const withFields = (definition: EventType, schema: z.ZodType, fields: z.ZodRawShape): z.ZodType => {
  if (!(schema instanceof z.ZodObject))
    throw new TypeError(`the outcome of ${definition.type} must be a strict object of fields`)
  return schema.safeExtend(fields)
}

/** What its type's schema finds wrong with an event whose shape is right; undefined where nothing is. */
export const problemOfContent = (definition: EventType, content: Content): string | undefined => {
  const { params, ok, failed, parents } = compile(definition)
  const { out } = content
  const outcome = out.status === 'ok' ? ok : failed
  if (outcome === undefined) return `out says failed, but ${definition.type} cannot fail`
  return (
    problemOf(params, content.params, 'params') ??
    problemOf(outcome, out, 'out') ??
    problemOfRoles(parents, content.parents) ??
    problemOfSeed(definition, content.draw)
  )
}

const problemOf = (schema: z.ZodType, value: Json, name: string): string | undefined => {
  const result = schema.safeParse(value)
  if (result.success) return undefined
  const issue = result.error.issues[0]
  return excerpt(
    `${[name, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not what the schema asks for'}`,
  )
}

const problemOfRoles = (allowed: Compiled['parents'], parents: readonly Parent[]): string | undefined => {
  let at = 0
  for (const [role, cardinality] of allowed) {
    const from = at
    while (parents[at]?.role === role) at++
    const found = at - from
    if (found === 0 && (cardinality === 'one' || cardinality === 'some')) return `parents: no ${role}`
    if (found > 1 && (cardinality === 'one' || cardinality === 'optional'))
      return `parents: ${found} of ${role}, not one`
  }
  const stray = parents[at]
  return stray === undefined
    ? undefined
    : `parents: ${stray.role} is no role of this type, or not in its order`
}

const problemOfSeed = (definition: EventType, draw: Draw): string | undefined => {
  if (definition.seeded === 'either') return undefined
  if (definition.seeded === (draw.seed !== undefined)) return undefined
  return definition.seeded
    ? 'draw.seed is missing: the act draws random numbers'
    : 'draw.seed: the act draws nothing'
}
