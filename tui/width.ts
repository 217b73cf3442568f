import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

const plainAscii = /^[\x20-\x7e]*$/

/** Columns that a line takes; colours take none. */
export const width = (line: string): number => (plainAscii.test(line) ? line.length : stringWidth(line))

/** The line in at most `columns` columns, its end replaced by … where it is cut. */
export const clip = (line: string, columns: number): string => {
  if (columns <= 0) return ''
  if (width(line) <= columns) return line
  return `${sliceAnsi(line, 0, columns - 1)}…`
}

export const padEnd = (line: string, columns: number): string =>
  line + ' '.repeat(Math.max(0, columns - width(line)))

export const padStart = (line: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - width(line))) + line

/** The line in exactly `columns` columns. */
export const fit = (line: string, columns: number): string => padEnd(clip(line, columns), columns)

/** Lines of at most `columns` columns, broken between words where possible; the line's own indent stays, later lines start with `indent`. */
export const wrap = (line: string, columns: number, indent = ''): string[] => {
  if (width(line) <= columns) return [line]
  const own = /^ */.exec(line)?.[0] ?? ''
  const lead = own.length < columns / 2 ? own : ''
  const broken = (text: string, before: string): string[] =>
    wrapAnsi(text, Math.max(1, columns - width(before)), { hard: true, trim: true }).split('\n')
  const [first = '', ...rest] = broken(line.trimStart(), lead)
  return rest.length === 0
    ? [lead + first]
    : [lead + first, ...broken(rest.join(' '), indent).map((part) => indent + part)]
}

/** Two texts at both ends of a line; the right one goes to a line of its own where there is no room. */
export const atEnds = (left: string, right: string, columns: number): string[] => {
  if (right === '') return [clip(left, columns)]
  const gap = columns - width(left) - width(right)
  return gap >= 2
    ? [left + ' '.repeat(gap) + right]
    : [clip(left, columns), padStart(clip(right, columns), columns)]
}

/** Parts on as few lines as they need, `separator` between them; of a comma the line keeps its end. */
export const flow = (parts: readonly string[], separator: string, columns: number, indent = ''): string[] => {
  const lines: string[] = []
  const ending = separator.startsWith(',') ? ',' : ''
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part
    const start = lines.length === 0 ? 0 : width(indent)
    if (line !== '' && start + width(longer) + ending.length > columns) {
      lines.push((lines.length === 0 ? '' : indent) + line + ending)
      line = part
    } else line = longer
  }
  if (line !== '') lines.push((lines.length === 0 ? '' : indent) + line)
  return lines.flatMap((each) => (width(each) > columns ? wrap(each, columns, indent) : [each]))
}
