import * as z from 'zod'
import type { Principle } from '../api.ts'
import { isPlain } from '../visible.ts'

/** `constitution.published` names all principles as parents in one record of 64 KiB. */
export const maxPrinciples = 512
const maxTextCharacters = 8_000

const plain = (limit: number, what: string): z.ZodString =>
  z
    .string()
    .min(1, `${what} is empty`)
    .max(limit, `${what} has more than ${limit} characters`)
    .refine(isPlain, `${what} holds control or invisible characters`)

const wording = z
  .string()
  .trim()
  .min(1, 'the text is empty')
  .max(maxTextCharacters, `the text has more than ${maxTextCharacters} characters`)
  .refine((text) => text.isWellFormed(), 'the text holds half a character (a lone surrogate)')

export const keySchema = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a key is made of lower-case letters, digits and single hyphens')
  .max(64, 'a key has at most 64 characters')

const principle = z
  .strictObject({
    key: keySchema,
    /** One sentence for all three. */
    principle: wording.optional(),
    critique: wording.optional(),
    revision: wording.optional(),
    preference: wording.optional(),
  })
  .refine((value) => value.principle ?? value.critique ?? value.revision ?? value.preference, {
    message: 'the principle has no text: give `principle`, or `critique`, `revision` and `preference`',
  })
  .transform(({ key, principle: all, ...texts }): Principle => {
    const critique = texts.critique ?? all
    const revision = texts.revision ?? all
    const preference = texts.preference ?? all
    return {
      key,
      ...(critique === undefined ? {} : { critique }),
      ...(revision === undefined ? {} : { revision }),
      ...(preference === undefined ? {} : { preference }),
    }
  })

/** What a constitution’s file says. Data, never code. */
export const constitutionSchema = z.strictObject({
  name: keySchema.describe('lower-case letters, digits and hyphens'),
  version: plain(64, 'the version'),
  licence: plain(200, 'the licence').optional(),
  author: plain(200, 'the author').optional(),
  principles: z
    .array(principle)
    .min(1, 'there is no principle')
    .max(maxPrinciples, `there are more than ${maxPrinciples} principles`)
    .superRefine((principles, context) => {
      const seen = new Set<string>()
      for (const [index, { key }] of principles.entries()) {
        if (seen.has(key)) {
          context.addIssue({
            code: 'custom',
            path: [index, 'key'],
            message: `the key “${key}” is used twice`,
          })
        }
        seen.add(key)
      }
    }),
})
