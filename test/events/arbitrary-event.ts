import fc from 'fast-check'
import * as z from 'zod'
import {
  type Draw,
  failureReasons,
  type Json,
  type Outcome,
  type Params,
  type Parent,
} from '../../events/event.ts'
import type { Act } from '../../events/identity.ts'
import type { EventType } from '../../events/vocabulary/define.ts'

type Schema = z.core.JSONSchema.BaseSchema

/** Any digest, but no real one's preimage is known. */
export const anyDigest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

/** Letters, and what canonical JSON must escape, must not escape, and writes as two, three and four bytes of UTF-8. */
const letter = fc.constantFrom(
  ...Array.from('abcdefghijklmnopqrstuvwxyz0123456789 -_/.'),
  ...Array.from('é€😀"\\\n\u0001\u007f\u2028'),
)

const word = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: letter, minLength, maxLength }).filter((text) => text.length <= maxLength)

const anyKey = word(1, 20).filter((key) => key !== '__proto__')

/** Any JSON that a JSON Schema of ours allows: the subset that zod writes for the vocabulary. */
const satisfying = (schema: Schema): fc.Arbitrary<Json> => {
  if (schema.$ref !== undefined)
    return fc
      .jsonValue({ maxDepth: 3, stringUnit: 'grapheme-composite' })
      .map((value) => JSON.parse(JSON.stringify(value).replaceAll('"__proto__":', '"proto":')))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => satisfying(one)))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({
        min: schema.minimum ?? -1_000_000,
        max: Math.min(schema.maximum ?? 1_000_000, 1_000_000),
      })
    case 'number':
      return fc
        .double({
          min: schema.minimum ?? -Number.MAX_VALUE,
          max: schema.maximum ?? Number.MAX_VALUE,
          noNaN: true,
        })
        .map((value) => (value === 0 ? 0 : value))
    case 'string':
      return text(schema)
    case 'array':
      return fc.array(satisfying(schema.items as Schema), { maxLength: 4 })
    case 'object':
      return object(schema)
    default:
      throw new TypeError(`no way to make ${JSON.stringify(schema)}`)
  }
}

const text = (schema: Schema): fc.Arbitrary<string> => {
  if (schema.contentEncoding === 'base64') return fc.base64String({ maxLength: 40 })
  if (schema.pattern === '^[0-9a-f]{64}$') return anyDigest
  if (schema.pattern !== undefined) throw new TypeError(`no way to match ${schema.pattern}`)
  return word(schema.minLength ?? 0, Math.min(schema.maxLength ?? 200, 200))
}

const object = (schema: Schema): fc.Arbitrary<Json> => {
  if (typeof schema.additionalProperties === 'object')
    return fc.dictionary(anyKey, satisfying(schema.additionalProperties), {
      maxKeys: 4,
      noNullPrototype: true,
    })
  const properties = Object.entries(schema.properties ?? {})
  const model = Object.fromEntries(properties.map(([name, one]) => [name, satisfying(one as Schema)]))
  return fc.record(model, {
    requiredKeys: [...(schema.required ?? [])],
    noNullPrototype: true,
  }) as fc.Arbitrary<Json>
}

const ofZod = (schema: z.ZodType): fc.Arbitrary<Params> =>
  satisfying(z.toJSONSchema(schema) as Schema) as fc.Arbitrary<Params>

const parentsOf = (definition: EventType): fc.Arbitrary<readonly Parent[]> =>
  fc
    .tuple(
      ...Object.entries(definition.parents).map(([role, cardinality]) => {
        const minLength = cardinality === 'one' || cardinality === 'some' ? 1 : 0
        const maxLength = cardinality === 'one' || cardinality === 'optional' ? 1 : 5
        return fc.array(
          anyDigest.map((id) => ({ role, id })),
          { minLength, maxLength },
        )
      }),
    )
    .map((roles) => roles.flat())

const drawOf = (definition: EventType): fc.Arbitrary<Draw> => {
  const place = {
    subject: fc.oneof(anyDigest, fc.constantFrom('sft', definition.type)),
    round: fc.nat(),
    i: fc.nat(),
  }
  const seed = fc.integer({ min: 0, max: 2 ** 31 - 2 })
  const bare: fc.Arbitrary<Draw> = fc.record(place, { noNullPrototype: true })
  const seeded: fc.Arbitrary<Draw> = fc.record({ ...place, seed }, { noNullPrototype: true })
  if (definition.seeded === 'either') return fc.oneof(bare, seeded)
  return definition.seeded ? seeded : bare
}

export const succeededOf = (definition: EventType): fc.Arbitrary<Outcome> =>
  ofZod(definition.out).map((fields) => ({ status: 'ok', ...fields }))

export const failedOf = (failed: z.ZodType): fc.Arbitrary<Outcome> =>
  fc
    .tuple(ofZod(failed), fc.constantFrom(...failureReasons))
    .map(([fields, reason]) => ({ ...fields, status: 'failed', reason }))

/** Any act that a type allows. @param out which outcomes; by default all that the type has */
export const anyAct = (definition: EventType, out?: fc.Arbitrary<Outcome>): fc.Arbitrary<Act> =>
  fc.record(
    {
      by: fc.record({ plugin: word(1, 40), behaviour: anyDigest }, { noNullPrototype: true }),
      params: ofZod(definition.params),
      parents: parentsOf(definition),
      draw: drawOf(definition),
      out:
        out ??
        (definition.failed === undefined
          ? succeededOf(definition)
          : fc.oneof(succeededOf(definition), failedOf(definition.failed))),
    },
    { noNullPrototype: true },
  )
