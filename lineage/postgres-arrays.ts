/** `text[]` in Postgres' binary form, as `events/postgres/binary-array.ts` makes the others. */
export const textArray = (elements: readonly string[]): Buffer => {
  let bytes = 0
  for (const element of elements) bytes += Buffer.byteLength(element)
  const buffer = Buffer.allocUnsafe(headerBytes + 4 * elements.length + bytes)
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(0, 4)
  buffer.writeInt32BE(textOid, 8)
  buffer.writeInt32BE(elements.length, 12)
  buffer.writeInt32BE(1, 16)
  let at = headerBytes
  for (const element of elements) {
    const length = buffer.write(element, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + length
  }
  return buffer
}

const headerBytes = 20
const textOid = 25
const digestDigits = 64

/**
 * Digests out of `encode(string_agg(id, ''), 'hex')`: one text a query instead of one value a row.
 * @param packed null where there was no row
 */
export const digestsOfPacked = (packed: string | null): string[] => {
  if (packed === null) return []
  const digests: string[] = []
  for (let at = 0; at < packed.length; at += digestDigits) digests.push(packed.slice(at, at + digestDigits))
  return digests
}
