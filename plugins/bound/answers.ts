import * as z from 'zod'
import { failureReasons } from '../../events/event.ts'
import { maxTextBytes } from '../../events/texts.ts'
import type { Answered, Failure } from '../api.ts'
import { PluginMisbehaved } from '../errors.ts'
import { type Watch, watched } from './watched.ts'

/** What goes beside a record as headers: no name of hansard’s own (`ce_…`, `content-type`). */
const meta = z.record(z.string().regex(/^(?!ce_)[a-z][a-z0-9_]{0,63}$/), z.string().max(10_000)).optional()

export const boundText = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= maxTextBytes, `a text has more than ${maxTextBytes} bytes`)

const failure = z.object({
  failed: z.enum(failureReasons),
  text: boundText.optional(),
  mass: z.number().min(0).max(1).optional(),
})

/**
 * Binds answers to their requests: each index exactly once, none that was not asked for, each answer of the shape
 * that the port promises. Nothing that is not comes through.
 *
 * @param count requests that were put
 * @param shape of an answer that is no failure; what it does not know is dropped
 * @throws PluginMisbehaved
 */
export async function* boundAnswers<T extends object>(
  watch: Watch,
  count: number,
  shape: z.ZodType<T>,
  put: (signal: AbortSignal) => AsyncIterable<Answered<T>>,
  signal: AbortSignal,
): AsyncGenerator<Answered<T>> {
  if (count === 0) return
  const misbehaved = (why: string) => new PluginMisbehaved(watch.plugin, `${watch.method}: ${why}`)
  const answered = new Uint8Array(count)
  let left = count
  for await (const given of watched<unknown>(watch, put, signal)) {
    const { index, answer, meta: said } = envelope(given, misbehaved)
    if (index >= count) throw misbehaved(`it answered request ${index} of ${count} (counted from 0)`)
    if (answered[index] === 1) throw misbehaved(`it answered request ${index} twice`)
    const checked = (
      typeof answer === 'object' && answer !== null && 'failed' in answer ? failure : shape
    ).safeParse(answer)
    if (!checked.success)
      throw misbehaved(`its answer to request ${index} is none: ${issueOf(checked.error)}`)
    answered[index] = 1
    left--
    yield { index, answer: cleaned(checked.data), ...(said === undefined ? {} : { meta: said }) }
  }
  if (left > 0) {
    throw misbehaved(
      `it ended with ${left} of ${count} requests unanswered, the first is ${answered.indexOf(0)}`,
    )
  }
}

const envelopeShape = z.object({ index: z.int().min(0), answer: z.unknown(), meta })

const envelope = (
  given: unknown,
  misbehaved: (why: string) => PluginMisbehaved,
): z.infer<typeof envelopeShape> => {
  const checked = envelopeShape.safeParse(given)
  if (!checked.success) throw misbehaved(`it yielded no answer: ${issueOf(checked.error)}`)
  return checked.data
}

export const issueOf = (error: z.ZodError): string => {
  const [issue] = error.issues
  if (!issue) return error.message
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}

/** zod types an optional field as perhaps undefined; the ports say that it is there or not. */
const cleaned = <T extends object>(checked: T | z.infer<typeof failure>): T | Failure =>
  Object.fromEntries(Object.entries(checked).filter(([, value]) => value !== undefined)) as T | Failure
