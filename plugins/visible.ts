/**
 * What no text from outside may carry into a message: control characters but tab and newline, formatting that
 * is invisible or turns the direction of writing, line and paragraph separators, halves of a character.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** The text with such characters written as `\u{…}`, so that a terminal shows them instead of obeying them. */
export const visible = (text: string): string =>
  text.replace(unseen, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** Whether a name holds nothing that would have to be made visible, no tab and no line break. */
export const isPlain = (text: string): boolean => !/[\t\n]/.test(text) && visible(text) === text
