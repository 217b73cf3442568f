import * as z from 'zod'
import { decodeCanonical, encodeCanonical, sha256Hex } from '../../events/canonical.ts'
import { HansardError } from '../../events/errors.ts'
import type { Digest } from '../../events/event.ts'
import { word } from '../../events/vocabulary/define.ts'

/** The last layer of a preference model: a reward is θ·(f / scale), no bias, no centring. */
export interface Head {
  readonly dimensions: number
  /** How the trunk pools token states into features. */
  readonly pooling: string
  /** Strength of the L2 penalty that θ was fitted with. */
  readonly lambda: number
  /** Standard deviation of each feature over both answers of all training comparisons: fitted once, fixed in every refit. */
  readonly scale: Float64Array
  readonly theta: Float64Array
}

/** Bytes that stand where a preference model's head should. */
export class UnreadableHead extends HansardError {
  constructor(why: string, cause?: unknown) {
    super('unreadable_head', `the checkpoint of a preference model cannot be read: ${why}`, {
      exit: 3,
      mend: 'run `hansard verify` to see whether its blob is damaged',
      cause,
    })
  }
}

const schema = z.strictObject({
  dimensions: z.int().min(1),
  pooling: word,
  lambda: z.number().positive(),
  scale: z.array(z.number().positive()),
  theta: z.array(z.number()),
})

/** A head as the bytes of its checkpoint: canonical JSON, in which a float64 keeps every bit. @throws NotCanonical where a weight is not finite */
export const encodeHead = (head: Head): Uint8Array =>
  encodeCanonical({
    dimensions: head.dimensions,
    pooling: head.pooling,
    lambda: head.lambda,
    scale: [...head.scale],
    theta: [...head.theta],
  })

/** The head that `encodeHead` wrote. @throws UnreadableHead */
export const decodeHead = (bytes: Uint8Array): Head => {
  let value: unknown
  try {
    value = decodeCanonical(bytes)
  } catch (error) {
    throw new UnreadableHead('it is not canonical JSON', error)
  }
  const { success, data, error } = schema.safeParse(value)
  if (!success) throw new UnreadableHead(z.prettifyError(error), error)
  if (data.scale.length !== data.dimensions || data.theta.length !== data.dimensions)
    throw new UnreadableHead(
      `it names ${data.dimensions} dimensions, and holds ${data.scale.length} scales and ${data.theta.length} weights`,
    )
  return { ...data, scale: Float64Array.from(data.scale), theta: Float64Array.from(data.theta) }
}

/** sha-256 over its tensors sorted by name: for each, the canonical [name, dtype, shape] and the little-endian bytes. */
export const digestOfHead = (head: Head): Digest =>
  sha256Hex(
    Buffer.concat(
      (['scale', 'theta'] as const).flatMap((name) => [
        encodeCanonical([name, 'float64', [head.dimensions]]),
        littleEndian(head[name]),
      ]),
    ),
  )

/** −0 is written as 0, as canonical JSON does, so that a head read back has the digest of the one written. */
const littleEndian = (values: Float64Array): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 8)
  values.forEach((value, j) => bytes.writeDoubleLE(value + 0, j * 8))
  return bytes
}

/** θ·(f / scale), summed in index order: the `value` of a reward.scored. @param features of one answer, [dimensions] */
export const rewardOf = (head: Head, features: Float32Array): number => {
  if (features.length !== head.dimensions)
    throw new RangeError(`expected ${head.dimensions} features, got ${features.length}`)
  let sum = 0
  for (let j = 0; j < head.dimensions; j++) sum += head.theta[j]! * (features[j]! / head.scale[j]!)
  return sum
}
