import type { Meta } from '../event.ts'

/**
 * Headers as bytes: JSON with its keys in order, which is RFC 8785 wherever the strings are well-formed, and keeps a lone
 * surrogate as an escape where they are not.
 */
export const encodeHeaders = (meta: Meta): Buffer =>
  Buffer.from(
    JSON.stringify(Object.fromEntries(Object.entries(meta).toSorted(([a], [b]) => (a < b ? -1 : 1)))),
  )

/** The headers that `encodeHeaders` wrote. */
export const decodeHeaders = (bytes: Uint8Array): Meta => {
  const meta: Meta = JSON.parse(Buffer.from(bytes).toString())
  return meta
}
