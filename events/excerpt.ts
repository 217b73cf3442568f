/** UTF-16 code units of foreign text that an error message quotes at most. */
const maxLength = 200

/** Control characters, invisible formatting, line and paragraph separators, halves of a character. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Foreign text as an error message may quote it: short, and with nothing in it that a terminal would obey. */
export const excerpt = (text: string): string =>
  (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text).replace(
    unseen,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
