/** Rotary positions, the GELU, and moves of whole rows. */
import { exp4 } from './elementary'
import { bytes, madd } from './lanes'

/**
 * Turns queries and keys by their position, in place; sign -1 turns back (the gradient's way).
 * qkv: [rows, 3 * width]; positions: [rows] i32; cos, sin: [positions, width / heads / 2].
 */
export function rope(
  qkv: usize,
  positions: usize,
  cos: usize,
  sin: usize,
  rows: i32,
  width: i32,
  heads: i32,
  sign: f32,
): void {
  const half = bytes(width / heads / 2)
  const signs = f32x4.splat(sign)
  for (let i = 0; i < rows; i++) {
    const t = <usize>load<i32>(positions + bytes(i)) * half
    let p = qkv + bytes(i * 3 * width)
    for (let h = 0; h < 2 * heads; h++) {
      for (let j: usize = 0; j < half; j += 16) {
        const a = v128.load(p + j)
        const b = v128.load(p + half + j)
        const c = v128.load(cos + t + j)
        const s = f32x4.mul(signs, v128.load(sin + t + j))
        v128.store(p + j, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)))
        v128.store(p + half + j, madd(a, s, f32x4.mul(b, c)))
      }
      p += 2 * half
    }
  }
}

/** 2 sqrt(2 / pi) (x + 0.044715 x^3): the GELU by tanh is x times the logistic function of this. */
// @ts-ignore: decorator
@inline
function geluArgument(x: v128): v128 {
  const cubic = madd(f32x4.mul(f32x4.splat(0.044715), x), f32x4.mul(x, x), x)
  return f32x4.mul(f32x4.splat(1.5957691216), cubic)
}

// @ts-ignore: decorator
@inline
function logistic(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** y = gelu(x); count is a multiple of 4. */
export function gelu(x: usize, y: usize, count: i32): void {
  const end = x + bytes(count)
  for (; x < end; x += 16) {
    const v = v128.load(x)
    v128.store(y, f32x4.mul(v, logistic(geluArgument(v))))
    y += 16
  }
}

/** dy becomes dy * gelu'(x). */
export function geluBackward(x: usize, dy: usize, count: i32): void {
  const one = f32x4.splat(1)
  const end = x + bytes(count)
  for (; x < end; x += 16) {
    const v = v128.load(x)
    const s = logistic(geluArgument(v))
    const slope = f32x4.mul(f32x4.splat(1.5957691216), madd(f32x4.splat(0.134145), f32x4.mul(v, v), one))
    const side = f32x4.mul(f32x4.mul(v, slope), f32x4.mul(s, f32x4.sub(one, s)))
    v128.store(dy, f32x4.mul(v128.load(dy), f32x4.add(s, side)))
    dy += 16
  }
}

/** target[i] = table[index[i]] for rows of `width` floats. */
export function gatherRows(table: usize, index: usize, target: usize, rows: i32, width: i32): void {
  const size = bytes(width)
  for (let i = 0; i < rows; i++) {
    memory.copy(target + <usize>i * size, table + <usize>load<i32>(index + bytes(i)) * size, size)
  }
}

/** table[index[i]] += source[i], in the order of i. */
export function scatterRows(table: usize, index: usize, source: usize, rows: i32, width: i32): void {
  const size = bytes(width)
  for (let i = 0; i < rows; i++) {
    const to = table + <usize>load<i32>(index + bytes(i)) * size
    for (let j: usize = 0; j < size; j += 16) {
      v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(source + j)))
    }
    source += size
  }
}

/** The mean of `rows` rows, summed from the first to the last: target [width]. */
export function meanRows(source: usize, target: usize, rows: i32, width: i32): void {
  const size = bytes(width)
  const share = f32x4.splat(<f32>1 / <f32>rows)
  for (let j: usize = 0; j < size; j += 16) {
    let sum = f32x4.splat(0)
    for (let i = 0; i < rows; i++) sum = f32x4.add(sum, v128.load(source + <usize>i * size + j))
    v128.store(target + j, f32x4.mul(sum, share))
  }
}
