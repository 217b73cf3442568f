/** Digits that name one event among millions nearly always; any unique prefix can be pasted back. */
const shownDigits = 8

export const shortId = (id: string): string => id.slice(0, shownDigits)
