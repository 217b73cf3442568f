import type * as z from 'zod'
import type { Event } from '../events/event.ts'
import type { EventType } from '../events/vocabulary/define.ts'

/**
 * The outcome of an event in the shape that its type's schema gives, or undefined where the act failed.
 * Nothing is checked again: what the memo and the log hand out was checked when it was decoded.
 */
export const outcomeOf = <T extends EventType>(definition: T, event: Event): z.infer<T['out']> | undefined =>
  event.out.status === 'ok' ? (event.out as z.infer<T['out']>) : undefined

/** What was asked, in the shape that its type's schema gives. */
export const paramsOf = <T extends EventType>(_definition: T, event: Event): z.infer<T['params']> =>
  event.params as z.infer<T['params']>
