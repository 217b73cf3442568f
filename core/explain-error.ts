import { HansardError } from '../events/errors.ts'
import { visibleLines } from '../tui/visible.ts'
import { commandName } from './session.ts'
import { withoutSecrets } from './secrets.ts'

export interface Explanation {
  readonly lines: readonly string[]
  /** 1 failed, 2 bad input, 3 verification failed, 130 interrupted. */
  readonly exit: number
}

const sentence = (text: string): string => {
  const trimmed = text.trim()
  return /[.!?:]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

const capital = (text: string): string =>
  /^[a-z]/.test(text) ? text[0]?.toUpperCase() + text.slice(1) : text

/** Node’s own messages name the call and the path; an AggregateError (no server at any address) has none. */
const messageOf = (error: Error): string => {
  if (error.message !== '') return error.message
  if (error instanceof AggregateError) {
    const first: unknown = error.errors[0]
    if (first instanceof Error) return messageOf(first)
  }
  return error.name
}

const isInterruption = (error: Error): boolean => error.name === 'AbortError' || error.name === 'Interrupted'

/** Commands that a message names stand there as they have to be typed here. */
const typed = (text: string): string => text.replaceAll('`hansard ', `\`${commandName()} `)

const shown = (text: string): string[] => visibleLines(withoutSecrets(typed(text)))

/** What is said of an error, and what the process ends with. The stack only comes with `--debug`. */
export const explainError = (error: unknown, debug: boolean): Explanation => {
  const known = error instanceof Error ? error : new Error(String(error))
  const stack = debug ? shown(known.stack ?? '') : []
  if (known instanceof HansardError) {
    const several = known.message.includes('\n')
    const message = `hansard: ${several ? known.message : sentence(known.message)}`
    const mend = known.mend === undefined ? '' : `${several ? '\n' : ' '}${capital(sentence(known.mend))}`
    return { lines: [...shown(message + mend), ...stack], exit: known.exit }
  }
  if (isInterruption(known)) return { lines: [...shown(`hansard: interrupted.`), ...stack], exit: 130 }
  const where = debug ? '' : ' This was not expected: --debug shows where it happened.'
  return { lines: [...shown(`hansard: ${sentence(messageOf(known))}${where}`), ...stack], exit: 1 }
}
