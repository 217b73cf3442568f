import type { BlobRef, Digest, Event, Json, TextRef } from '../events/event.ts'

/**
 * The texts that an event names, wherever in `params` or `out` they stand, each digest once. A text is told by its shape
 * `{scheme, digest, bytes}`, so that events of unknown types are covered too.
 */
export const textsNamed = (event: Event): readonly TextRef[] => {
  const found = new Map<Digest, TextRef>()
  collectTexts(event.params, found)
  collectTexts(event.out, found)
  return [...found.values()]
}

const collectTexts = (value: Json, found: Map<Digest, TextRef>): void => {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    // Long lists here are numbers (advantages, log-probabilities): look no further than the first that is none.
    for (const item of value as readonly Json[]) {
      if (typeof item === 'number') return
      collectTexts(item, found)
    }
    return
  }
  const fields = value as { readonly [key: string]: Json }
  if (isTextRef(fields)) found.set(fields.digest, fields)
  else for (const key in fields) collectTexts(fields[key]!, found)
}

const digestShape = /^[0-9a-f]{64}$/

const isDigest = (value: Json | undefined): value is Digest =>
  typeof value === 'string' && digestShape.test(value)

const isTextRef = (fields: {
  readonly [key: string]: Json
}): fields is TextRef & { readonly [key: string]: Json } =>
  (fields['scheme'] === 'sha256' || fields['scheme'] === 'hmac-sha256') &&
  isDigest(fields['digest']) &&
  typeof fields['bytes'] === 'number'

/** The fields of an outcome that name a file of the blob store. An export's `file` is not there: it went elsewhere. */
const blobFields = ['blob', 'features_blob'] as const

/** The blobs that an event's outcome names. */
export const blobsNamed = (event: Event): readonly BlobRef[] => {
  const blobs: BlobRef[] = []
  for (const field of blobFields) {
    const value = event.out[field]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const { digest, bytes } = value as { readonly digest?: Json; readonly bytes?: Json }
    if (isDigest(digest) && typeof bytes === 'number') blobs.push({ digest, bytes })
  }
  return blobs
}
