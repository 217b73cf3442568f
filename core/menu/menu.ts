import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Session } from '../session.ts'

/** What a group of commands is declared with. */
export interface Menu {
  readonly program: Command
  /** Turns an action into what commander calls: it is given the session first, its exit code is kept. */
  readonly act: <Given extends unknown[]>(
    action: (session: Session, ...given: Given) => Promise<number>,
  ) => (...given: Given) => Promise<void>
}

/** Examples at the end of a command’s help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ hansard ${line}`).join('\n')}`

export const jsonOption = (): Option =>
  new Option('--json', 'answer with one JSON document (docs/cli.md has its shape)')

/** An option that may be given several times. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ])

/** Parses an option that is a whole number from `least` on. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number from ${least} on.`)
    return value
  }
