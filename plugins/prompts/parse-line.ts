import * as z from 'zod'

/** A line of JSON that a schema accepts. @throws Error with the field and what is wrong with it */
export function parseLine<T>(line: string, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    // The engine’s message quotes the text, which may be a person’s.
    throw new Error('it is not JSON', { cause })
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
  throw new Error(`${where}${issue?.message ?? 'not a row of this format'}`)
}
