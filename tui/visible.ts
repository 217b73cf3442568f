/**
 * Text from a model, a log, a plugin or an error never drives the terminal: whatever would move the cursor, change
 * colours, reorder or hide letters is replaced by a sign that shows it. The result has no character of category
 * Cc, Cf (but inside emoji), Cs, Zl or Zp.
 */
const plainAscii = /^[\x20-\x7e]*$/

/** Made at the first text that is not plain: the tables behind them take longer to load than help may take. */
const makeClasses = () => ({
  graphemes: new Intl.Segmenter(undefined, { granularity: 'grapheme' }),
  emoji: /^\p{RGI_Emoji}$/v,
  hidden: /[\p{Control}\p{Format}\p{Surrogate}\p{Default_Ignorable_Code_Point}\u2028\u2029]/v,
  mark: /\p{Mark}/v,
})
let made: ReturnType<typeof makeClasses> | undefined
const classes = (): ReturnType<typeof makeClasses> => (made ??= makeClasses())

/** Marks that may sit on one letter; real orthographies need at most four, piles of them run over other lines. */
const maxMarks = 4

const sign = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x0a) return '⏎'
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

const visibleCluster = (cluster: string): string => {
  const { emoji, hidden, mark } = classes()
  if (plainAscii.test(cluster) || emoji.test(cluster)) return cluster
  let shown = ''
  let marks = 0
  for (const character of cluster) {
    if (mark.test(character) && !hidden.test(character)) {
      marks += 1
      // A mark without a letter of its own would sit on whatever hansard printed before it.
      if (shown === '' || marks > maxMarks) shown += sign(character)
      else shown += character
    } else {
      marks = 0
      shown += hidden.test(character) ? sign(character) : character
    }
  }
  return shown
}

/** The text on one line: line breaks as ⏎, other control and invisible characters as ␛, ⟨U+202E⟩ and the like. */
export const visible = (text: string): string => {
  if (plainAscii.test(text)) return text
  let shown = ''
  for (const { segment } of classes().graphemes.segment(text)) shown += visibleCluster(segment)
  return shown
}

/** The text line by line, tabs as two spaces, everything else as in `visible`. */
export const visibleLines = (text: string): string[] =>
  text.split(/\r\n|\n/).map((line) => visible(line.replaceAll('\t', '  ')))

/** A text as it stands within a sentence: visible, in quotation marks. */
export const quoted = (text: string): string => `"${visible(text)}"`
