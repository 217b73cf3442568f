/** Below this a feature counts as constant: dividing by less would only enlarge rounding errors. */
const smallestScale = 1e-6

/**
 * The standard deviation of each feature over both answers of all comparisons.
 * @param features [comparisons, 2, dimensions], as in features.computed
 * @returns [dimensions], each at least 1e-6
 */
export const fitScale = (features: Float32Array, dimensions: number): Float64Array => {
  const answers = features.length / dimensions
  const mean = new Float64Array(dimensions)
  for (let a = 0; a < answers; a++)
    for (let j = 0; j < dimensions; j++) mean[j]! += features[a * dimensions + j]!
  for (let j = 0; j < dimensions; j++) mean[j]! /= Math.max(1, answers)
  const square = new Float64Array(dimensions)
  for (let a = 0; a < answers; a++)
    for (let j = 0; j < dimensions; j++) {
      const deviation = features[a * dimensions + j]! - mean[j]!
      square[j]! += deviation * deviation
    }
  return square.map((sum) => Math.max(smallestScale, Math.sqrt(sum / Math.max(1, answers))))
}

/**
 * Scaled features of each comparison's first answer minus its second's.
 * @param features [comparisons, 2, dimensions]
 * @returns row-major [comparisons, dimensions]
 */
export const differencesOf = (features: Float32Array, scale: Float64Array): Float64Array => {
  const dimensions = scale.length
  const comparisons = features.length / (2 * dimensions)
  if (!Number.isInteger(comparisons))
    throw new RangeError(`${features.length} features are no pairs of ${dimensions} dimensions`)
  const differences = new Float64Array(comparisons * dimensions)
  for (let i = 0; i < comparisons; i++)
    for (let j = 0; j < dimensions; j++) {
      const first = features[2 * i * dimensions + j]!
      differences[i * dimensions + j] = (first - features[(2 * i + 1) * dimensions + j]!) / scale[j]!
    }
  return differences
}

/** The float32 values of little-endian bytes. @throws RangeError where the bytes are no whole number of values */
export const readFloat32 = (bytes: Uint8Array): Float32Array => {
  if (bytes.length % 4 !== 0) throw new RangeError(`${bytes.length} bytes are no whole number of float32`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true))
}

/** The little-endian bytes of float32 values. */
export const writeFloat32 = (values: Float32Array): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setFloat32(i * 4, value, true))
  return bytes
}
