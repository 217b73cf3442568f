import { LineCounter, parseDocument, isMap, isScalar, type Document } from 'yaml'
import type * as z from 'zod'
import { InvalidFile } from './errors.ts'

/** Aliases that one anchor may be used through; a bomb needs many. */
const maxAliases = 10
/** Problems named at once. */
const maxProblems = 12

/**
 * Reads a YAML 1.2 document and checks it against a schema.
 *
 * @param file the name by which errors speak of it
 * @throws InvalidFile with one line a problem: `file:line:column path: what is wrong`
 */
export function readYaml<T>(text: string, file: string, schema: z.ZodType<T>): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    throw new InvalidFile(
      problems.slice(0, maxProblems).map((problem) => `${at(problem.pos[0])} ${problem.message}`),
    )
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: maxAliases })
  } catch (cause) {
    throw new InvalidFile([`${at(0)} ${(cause as Error).message}`], cause)
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw new InvalidFile(
    checked.error.issues
      .map(innermost)
      .slice(0, maxProblems)
      .map((issue) => {
        const where = issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''
        return `${at(offsetOf(document, issue))} ${where}${issue.message}${hint(issue)}`
      }),
  )
}

/** Of a value that fits none of several shapes: the issue of the shape that it came nearest to, which is what to mend. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const [nearest] = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)
  if (nearest === undefined || nearest.path.length === 0) return issue
  return innermost({ ...nearest, path: [...issue.path, ...nearest.path] })
}

/** Where an issue stands: the value; an unknown key itself; for what is missing the nearest parent that is there. */
function offsetOf(document: Document.Parsed, issue: z.core.$ZodIssue): number {
  const path = issue.path as readonly (string | number)[]
  if (issue.code === 'unrecognized_keys') {
    const parent = path.length > 0 ? document.getIn(path, true) : document.contents
    const unknown = issue.keys[0]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === unknown)
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0]
    }
  }
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: readonly number[] | null }
      | undefined
    if (node?.range) return node.range[0] ?? 0
  }
  return document.contents?.range[0] ?? 0
}

/** YAML reads `1.0`, `true` and `2026-11-24` as other things than texts. */
const hint = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' && issue.expected === 'string' && issue.message.includes('received')
    ? ' (put it in quotes)'
    : ''
