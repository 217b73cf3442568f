import { shortId } from './ids.ts'
import { grouped } from './numbers.ts'
import { visible } from './visible.ts'

/** A value of a record in one line: JSON, its text references by their digests’ beginnings. */
export const compact = (value: unknown): string => {
  if (typeof value === 'string' && value.length > 120 && /^[A-Za-z0-9+/]+={0,2}$/.test(value))
    return `${grouped(Buffer.byteLength(value, 'base64'))} bytes in base64`
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? `${shortId(value)}…` : visible(value)
  if (value !== null && typeof value === 'object' && 'digest' in value && 'bytes' in value)
    return `${shortId(String(value.digest))}… (${grouped(Number(value.bytes))} bytes)`
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `${visible(key)}: ${compact(inner)}`)
      .join(', ')}}`
  return String(value)
}
