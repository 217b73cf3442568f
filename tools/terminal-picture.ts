// Draws what a terminal shows as an SVG: `FORCE_COLOR=1 hansard runs ID | node tools/terminal-picture.ts TITLE > picture.svg`
import { text } from 'node:stream/consumers'
import stringWidth from 'string-width'

const cell = { width: 8.4, height: 18, margin: 16, title: 34 }
const background = '#1b1f24'
const plain = '#d7dde4'
const colours: Readonly<Record<number, string>> = {
  31: '#f28b82',
  32: '#8fce9b',
  33: '#e8c26e',
  34: '#82b1f2',
  35: '#c9a0ee',
  36: '#78cdd1',
  90: '#8a949e',
}

interface Run {
  readonly column: number
  readonly words: string
  readonly style: string
}

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The runs of one style in a line with SGR sequences, each with its column. */
const runsOf = (line: string): readonly Run[] => {
  const runs: Run[] = []
  let column = 0
  let [colour, bold, dim] = [plain, false, false]
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it reads
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b[')) {
      for (const code of part.slice(2, -1).split(';').map(Number)) {
        if (code === 0) [colour, bold, dim] = [plain, false, false]
        else if (code === 1) bold = true
        else if (code === 2) dim = true
        else if (code === 22) [bold, dim] = [false, false]
        else if (code === 39) colour = plain
        else colour = colours[code] ?? colour
      }
    } else if (part !== '') {
      const style = `fill="${colour}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`
      runs.push({ column, words: part, style })
      column += stringWidth(part)
    }
  }
  return runs
}

const lines = (await text(process.stdin)).trimEnd().split('\n')
const columns = Math.max(
  60,
  ...lines.map((line) =>
    runsOf(line).reduce((end, { column, words }) => Math.max(end, column + stringWidth(words)), 0),
  ),
)
const width = Math.ceil(columns * cell.width + 2 * cell.margin)
const height = lines.length * cell.height + cell.title + cell.margin
const body = lines.flatMap((line, row) =>
  runsOf(line).map(({ column, words, style }) => {
    const x = (cell.margin + column * cell.width).toFixed(1)
    const y = cell.title + (row + 0.75) * cell.height
    const length = (stringWidth(words) * cell.width).toFixed(1)
    return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" ${style}>${escaped(words)}</text>`
  }),
)
const title = escaped(process.argv[2] ?? '')
process.stdout.write(
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    ...['#f28b82', '#e8c26e', '#8fce9b'].map(
      (fill, k) => `<circle cx="${18 + 18 * k}" cy="17" r="5.5" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="#8a949e" font-size="12">${title}</text>`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n'),
)
