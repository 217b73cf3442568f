import { resolve } from 'node:path'
import type { Frame } from '../tui/frame.ts'
import { paintFor } from '../tui/paint.ts'

export const defaultHome = '.hansard'

/** Options that stand before or after any command. */
export interface GlobalOptions {
  readonly home: string
  readonly debug?: boolean
  /** false after `--no-color`. */
  readonly color?: boolean
  readonly json?: boolean
}

/** What a command knows of the place where it was typed, and how it answers. */
export interface Session {
  /** Folder of the record, absolute. */
  readonly home: string
  readonly json: boolean
  readonly debug: boolean
  readonly color: boolean
  readonly frame: Frame
  /** Prints a page on standard output. Its texts are already visible. */
  page(lines: readonly string[]): void
  /** Prints one JSON document on standard output, indented where a person reads it. */
  answer(value: unknown): void
  /** Prints one JSON document as one line, wherever it goes. */
  line(value: unknown): void
  /** A remark on standard error, which no pipe takes for the answer. */
  remark(line: string): void
}

/** https://no-color.org: set and not empty means no colour. FORCE_COLOR is for pipes that lead to a terminal. */
const wantsColor = (options: GlobalOptions): boolean => {
  const environment = process.env
  if (options.color === false || environment['NO_COLOR']) return false
  if (environment['FORCE_COLOR'] !== undefined) return environment['FORCE_COLOR'] !== '0'
  return process.stdout.isTTY && environment['TERM'] !== 'dumb'
}

const columnsOf = (): number => {
  const told = Number(process.env['COLUMNS'])
  const columns = process.stdout.columns ?? process.stderr.columns ?? (told > 0 ? told : 80)
  return Math.max(40, Math.min(columns, 400))
}

/** How hansard is called here: in a clone through npm. */
export const commandName = (): string =>
  process.env['npm_command'] === undefined ? 'hansard' : 'npx hansard'

/** A record elsewhere has to be named again. */
const commandFor = (options: GlobalOptions): string => {
  const name = commandName()
  return options.home === defaultHome ? name : `${name} --home ${options.home}`
}

/** Characters that JSON may hold as they are and a terminal may obey or hide. */
const unsafe = (): RegExp => /[\u007f-\u009f\p{Format}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gv

const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

/** JSON in ASCII-safe escapes where a character could drive a terminal; parses to the same value. */
export const safeJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(unsafe(), escaped)

export const sessionOf = (options: GlobalOptions): Session => {
  const color = wantsColor(options)
  return {
    home: resolve(options.home),
    json: options.json === true,
    debug: options.debug === true,
    color,
    frame: {
      columns: columnsOf(),
      rows: process.stdout.rows ?? Number.POSITIVE_INFINITY,
      paint: paintFor(color),
      command: commandFor(options),
    },
    page: (lines) => void process.stdout.write(lines.map((line) => `${line}\n`).join('')),
    answer: (value) => void process.stdout.write(`${safeJson(value, process.stdout.isTTY ? 2 : 0)}\n`),
    line: (value) => void process.stdout.write(`${safeJson(value)}\n`),
    remark: (line) => void process.stderr.write(`${line}\n`),
  }
}
