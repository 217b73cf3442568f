// oxlint-disable no-control-regex -- what is sent to a terminal is what is looked for here
import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/**
 * A terminal reduced to what the live block uses: text, line feeds, carriage returns, cursor up, erase below, colours.
 * Lines that are wrapped are marked, and reflowed as today's terminals do when the width changes.
 */
export class ScreenModel {
  columns: number
  readonly rows: number
  /** Whether any line was ever longer than the screen. */
  wrapped = false
  #rows: { text: string; continued: boolean }[] = [{ text: '', continued: false }]
  #row = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  /** Rows that have gone off the top. */
  get scrolled(): number {
    return Math.max(0, this.#rows.length - this.rows)
  }

  lines(): string[] {
    return this.#rows.map((row) => row.text)
  }

  feed(text: string): void {
    const parts = text.match(/\u001b\[[?\d;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g) ?? []
    for (const part of parts) {
      if (part === '\n') this.#next(false)
      else if (part === '\r') this.#column0()
      else if (part.startsWith('\u001b')) this.#sequence(part)
      else this.#print(part)
    }
  }

  /** What a terminal does with its lines when its width changes; the cursor stays at the end of the last one. */
  reflow(columns: number): void {
    const whole: string[] = []
    for (const row of this.#rows) {
      if (row.continued) whole.push((whole.pop() ?? '') + row.text)
      else whole.push(row.text)
    }
    this.columns = columns
    this.#rows = [{ text: '', continued: false }]
    this.#row = 0
    whole.forEach((line, at) => {
      if (at > 0) this.#next(false)
      this.#print(line)
    })
  }

  #sequence(sequence: string): void {
    const count = Number(/\d+/.exec(sequence)?.[0] ?? 1)
    if (sequence.endsWith('A')) this.#row = Math.max(this.scrolled, this.#row - count)
    else if (sequence.endsWith('J')) {
      this.#rows.length = this.#row + 1
      this.#rows[this.#row] = { text: '', continued: this.#rows[this.#row]?.continued ?? false }
    } else if (!/^\u001b\[(\?2026[hl]|\d*m)$/.test(sequence))
      throw new Error(`unknown: ${JSON.stringify(sequence)}`)
  }

  #column0(): void {
    // The block is always erased from here on; text that is only overprinted would be a mistake of the view.
  }

  #next(continued: boolean): void {
    this.#row += 1
    this.#rows[this.#row] ??= { text: '', continued }
  }

  #print(text: string): void {
    for (const { segment } of graphemes.segment(text)) {
      const row = this.#rows[this.#row] ?? { text: '', continued: false }
      if (stringWidth(row.text) + stringWidth(segment) > this.columns) {
        this.wrapped = true
        this.#next(true)
        this.#rows[this.#row] = { text: segment, continued: true }
      } else this.#rows[this.#row] = { ...row, text: row.text + segment }
    }
  }
}
