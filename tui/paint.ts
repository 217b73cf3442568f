/** Colours of the terminal's own palette. They stress what the words already say, never alone. */
export interface Paint {
  /** What the eye may skip. */
  dim(text: string): string
  /** Headings. */
  strong(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  /** Ids and commands that can be pasted back. */
  key(text: string): string
}

const wrapped =
  (open: number, close: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`

const same = (text: string): string => text

export const coloured: Paint = {
  dim: wrapped(2, 22),
  strong: wrapped(1, 22),
  good: wrapped(32, 39),
  bad: wrapped(31, 39),
  warn: wrapped(33, 39),
  key: wrapped(36, 39),
}

export const uncoloured: Paint = { dim: same, strong: same, good: same, bad: same, warn: same, key: same }

export const paintFor = (color: boolean): Paint => (color ? coloured : uncoloured)
