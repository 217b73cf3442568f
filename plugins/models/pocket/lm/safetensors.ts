/**
 * The safetensors format (huggingface.co/docs/safetensors): eight bytes with the header's length, the
 * header as JSON, then the tensors' bytes. Float32 alone; any tool of the field can open the files.
 */
import { BrokenTensors } from '../errors.ts'

export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export interface TensorFile {
  readonly tensors: readonly NamedTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The same tensors and metadata always give the same bytes. */
export function encodeTensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * values.length)] }
  }
  const json = JSON.stringify(header)
  const headerBytes = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8))
  const bytes = new Uint8Array(8 + headerBytes.length + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes.length), true)
  bytes.set(headerBytes, 8)
  let at = 8 + headerBytes.length
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  return bytes
}

/** @throws BrokenTensors where the bytes are not such a file */
export function decodeTensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw new BrokenTensors('it is shorter than a header')
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  if (length > bytes.length - 8) throw new BrokenTensors('its header is cut off')
  let header: Record<string, unknown>
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>
  } catch (cause) {
    throw new BrokenTensors('its header is not JSON', cause)
  }
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors = Object.entries(entries).map(([name, entry]) => {
    const {
      dtype,
      shape,
      data_offsets: offsets,
    } = entry as {
      dtype: string
      shape: number[]
      data_offsets: [number, number]
    }
    if (dtype !== 'F32') throw new BrokenTensors(`its tensor ${name} is not F32`)
    // A copy: floats must start at a multiple of four bytes, which a file's place in memory may not. (The slice of
    // a Buffer would be none.)
    const part = new Uint8Array(bytes.subarray(8 + length + offsets[0], 8 + length + offsets[1]))
    if (part.length !== 4 * shape.reduce((a, b) => a * b, 1))
      throw new BrokenTensors(`its tensor ${name} is cut off`)
    return { name, shape, values: new Float32Array(part.buffer) }
  })
  return { tensors, metadata: metadata as Record<string, string> }
}
