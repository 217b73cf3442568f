/**
 * Matrix product over strips (see strips.ts). One tile of 4 x 8 results stays in registers while k runs
 * over the whole depth, so that a row's sum is always ((0 + a0 b0) + a1 b1) + ..., however many other rows
 * there are: this is what makes an item's bits independent of the batch it shares. (Unrolling was measured
 * to be slower.)
 */
import { bytes, madd } from './lanes'
import { packAcross, packAlong } from './strips'

/** Rows of the left operand that are packed together: 64 rows of depth 384 are 98 kB, within a core's L2. */
const BLOCK_ROWS: i32 = 64
/** A tile at the ragged edge is written here first, then the part that exists is copied. */
const edge: usize = memory.data(128, 16)

/**
 * C[rows, columns] = or += (left strip [depth, 4])^T (right strip [depth, 8]); rows <= 4, columns <= 8.
 * step: bytes between rows of C.
 */
export function tile(depth: i32, a: usize, b: usize, c: usize, step: usize, rows: i32, columns: i32, add: bool): void {
  let c00 = f32x4.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let s = v128.load32_splat(a)
    c00 = madd(s, b0, c00)
    c01 = madd(s, b1, c01)
    s = v128.load32_splat(a, 4)
    c10 = madd(s, b0, c10)
    c11 = madd(s, b1, c11)
    s = v128.load32_splat(a, 8)
    c20 = madd(s, b0, c20)
    c21 = madd(s, b1, c21)
    s = v128.load32_splat(a, 12)
    c30 = madd(s, b0, c30)
    c31 = madd(s, b1, c31)
    a += 16
    b += 32
  }
  const whole = rows == 4 && columns == 8
  const to = whole ? c : edge
  const gap: usize = whole ? step : 32
  if (whole && add) {
    c00 = f32x4.add(v128.load(to), c00)
    c01 = f32x4.add(v128.load(to, 16), c01)
    c10 = f32x4.add(v128.load(to + gap), c10)
    c11 = f32x4.add(v128.load(to + gap, 16), c11)
    c20 = f32x4.add(v128.load(to + 2 * gap), c20)
    c21 = f32x4.add(v128.load(to + 2 * gap, 16), c21)
    c30 = f32x4.add(v128.load(to + 3 * gap), c30)
    c31 = f32x4.add(v128.load(to + 3 * gap, 16), c31)
  }
  v128.store(to, c00)
  v128.store(to, c01, 16)
  v128.store(to + gap, c10)
  v128.store(to + gap, c11, 16)
  v128.store(to + 2 * gap, c20)
  v128.store(to + 2 * gap, c21, 16)
  v128.store(to + 3 * gap, c30)
  v128.store(to + 3 * gap, c31, 16)
  if (!whole) copyEdge(c, step, rows, columns, add)
}

function copyEdge(c: usize, step: usize, rows: i32, columns: i32, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const to = c + <usize>i * step + bytes(j)
      const value = load<f32>(edge + bytes(i * 8 + j))
      store<f32>(to, add ? load<f32>(to) + value : value)
    }
  }
}

/**
 * C[rows, columns] = or += A[rows, depth] B, with B in right strips.
 * A's element (i, k) is at a[i * aStep + k], or, if `turned`, at a[k * aStep + i].
 * scratch: room for 64 rows of A. Steps are in floats.
 */
export function multiply(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aStep: i32,
  turned: bool,
  b: usize,
  c: usize,
  cStep: i32,
  add: bool,
  scratch: usize,
): void {
  const step = bytes(cStep)
  for (let i0 = 0; i0 < rows; i0 += BLOCK_ROWS) {
    const block = min(BLOCK_ROWS, rows - i0)
    if (turned) packAcross(a + bytes(i0), aStep, depth, block, 4, scratch)
    else packAlong(a + bytes(i0 * aStep), aStep, depth, block, 4, scratch)
    for (let j = 0; j < columns; j += 8) {
      const wide = min(8, columns - j)
      const right = b + bytes(j * depth)
      let to = c + bytes(i0 * cStep + j)
      for (let i = 0; i < block; i += 4) {
        tile(depth, scratch + bytes(i * depth), right, to, step, min(4, block - i), wide, add)
        to += 4 * step
      }
    }
  }
}
