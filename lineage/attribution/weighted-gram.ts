/** Rows that are packed and multiplied together: 64 rows × 4 columns of float64 are 2 KiB, so two panels stay in L1. */
const rowsPerBlock = 64

/**
 * Σ over the rows of wᵢ·xᵢ·xᵢᵀ, the curvature of a Bradley–Terry fit when wᵢ = σ(zᵢ)·(1 − σ(zᵢ)).
 *
 * Every sum runs in one fixed order (blocks of rows, then rows), with + and × and √ alone, so that the
 * result has the same bits on every machine.
 *
 * @param x row-major [rows, dimensions]
 * @param weights [rows], none negative
 * @returns the full symmetric matrix, row-major [dimensions, dimensions]
 */
export const weightedGram = (x: Float64Array, weights: Float64Array, dimensions: number): Float64Array => {
  const rows = weights.length
  if (x.length !== rows * dimensions)
    throw new RangeError(`expected ${rows} × ${dimensions} values, got ${x.length}`)
  const panels = Math.ceil(dimensions / 4)
  const width = panels * 4
  const packed = new Float64Array(panels * rowsPerBlock * 4)
  const lower = new Float64Array(width * width)
  for (let from = 0; from < rows; from += rowsPerBlock) {
    const count = Math.min(rowsPerBlock, rows - from)
    pack(x, weights, dimensions, from, count, packed)
    for (let left = 0; left < panels; left++)
      for (let right = 0; right <= left; right++) addTile(packed, count, left, right, lower, width)
  }
  return symmetric(lower, width, dimensions)
}

/** Columns 4p … 4p+3 of the rows, each times √w, as panel p: [panels, rowsPerBlock, 4]; what is beyond the last column stays 0. */
const pack = (
  x: Float64Array,
  weights: Float64Array,
  dimensions: number,
  from: number,
  count: number,
  packed: Float64Array,
): void => {
  for (let row = 0; row < count; row++) {
    const root = Math.sqrt(weights[from + row]!)
    const start = (from + row) * dimensions
    for (let column = 0; column < dimensions; column++)
      packed[((column >> 2) * rowsPerBlock + row) * 4 + (column & 3)] = root * x[start + column]!
  }
}

/** Adds the products of two panels to one 4 × 4 tile; sixteen sums at once keep the processor's multipliers busy. */
const addTile = (
  packed: Float64Array,
  count: number,
  left: number,
  right: number,
  lower: Float64Array,
  width: number,
): void => {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0
  let a = left * rowsPerBlock * 4
  let b = right * rowsPerBlock * 4
  for (let row = 0; row < count; row++, a += 4, b += 4) {
    const b0 = packed[b]!,
      b1 = packed[b + 1]!,
      b2 = packed[b + 2]!,
      b3 = packed[b + 3]!
    const a0 = packed[a]!
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    const a1 = packed[a + 1]!
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
    const a2 = packed[a + 2]!
    s20 += a2 * b0
    s21 += a2 * b1
    s22 += a2 * b2
    s23 += a2 * b3
    const a3 = packed[a + 3]!
    s30 += a3 * b0
    s31 += a3 * b1
    s32 += a3 * b2
    s33 += a3 * b3
  }
  let o = left * 4 * width + right * 4
  lower[o]! += s00
  lower[o + 1]! += s01
  lower[o + 2]! += s02
  lower[o + 3]! += s03
  o += width
  lower[o]! += s10
  lower[o + 1]! += s11
  lower[o + 2]! += s12
  lower[o + 3]! += s13
  o += width
  lower[o]! += s20
  lower[o + 1]! += s21
  lower[o + 2]! += s22
  lower[o + 3]! += s23
  o += width
  lower[o]! += s30
  lower[o + 1]! += s31
  lower[o + 2]! += s32
  lower[o + 3]! += s33
}

const symmetric = (lower: Float64Array, width: number, dimensions: number): Float64Array => {
  const full = new Float64Array(dimensions * dimensions)
  for (let i = 0; i < dimensions; i++)
    for (let j = 0; j <= i; j++) {
      const value = lower[i * width + j]!
      full[i * dimensions + j] = value
      full[j * dimensions + i] = value
    }
  return full
}
