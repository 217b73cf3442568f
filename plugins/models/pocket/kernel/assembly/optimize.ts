/** Sums of gradients, AdamW, and the elementwise parts of Muon. Counts are multiples of 4. */
import { bytes, madd } from './lanes'

/** y += x */
export function addInto(y: usize, x: usize, count: i32): void {
  const end = y + bytes(count)
  for (; y < end; y += 16) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(x)))
    x += 16
  }
}

/** y = a * x + b * y */
export function blend(y: usize, x: usize, a: f32, b: f32, count: i32): void {
  const as = f32x4.splat(a)
  const bs = f32x4.splat(b)
  const end = y + bytes(count)
  for (; y < end; y += 16) {
    v128.store(y, f32x4.add(f32x4.mul(as, v128.load(x)), f32x4.mul(bs, v128.load(y))))
    x += 16
  }
}

/** The sum of squares, in double precision, from the first float to the last. */
export function sumSquares(x: usize, count: i32): f64 {
  let sum: f64 = 0
  const end = x + bytes(count)
  for (; x < end; x += 4) {
    const v = <f64>load<f32>(x)
    sum += v * v
  }
  return sum
}

/**
 * One AdamW step (Loshchilov and Hutter 2019, algorithm 2). m and v are the moments; correction1 is
 * 1 / (1 - beta1^step), correction2 likewise; gradients are first multiplied by `clip`.
 */
export function adamw(
  weights: usize,
  gradients: usize,
  m: usize,
  v: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction1: f32,
  correction2: f32,
  decay: f32,
  clip: f32,
): void {
  const b1 = f32x4.splat(beta1)
  const b2 = f32x4.splat(beta2)
  const rest1 = f32x4.splat(<f32>1 - beta1)
  const rest2 = f32x4.splat(<f32>1 - beta2)
  const clips = f32x4.splat(clip)
  const stepSize = f32x4.splat(rate * correction1)
  const second = f32x4.splat(correction2)
  const keep = f32x4.splat(<f32>1 - rate * decay)
  const end = weights + bytes(count)
  for (; weights < end; weights += 16) {
    const g = f32x4.mul(v128.load(gradients), clips)
    const first = madd(rest1, g, f32x4.mul(b1, v128.load(m)))
    const square = madd(rest2, f32x4.mul(g, g), f32x4.mul(b2, v128.load(v)))
    v128.store(m, first)
    v128.store(v, square)
    const below = f32x4.add(f32x4.sqrt(f32x4.mul(square, second)), f32x4.splat(1e-8))
    const move = f32x4.div(f32x4.mul(stepSize, first), below)
    v128.store(weights, f32x4.sub(f32x4.mul(v128.load(weights), keep), move))
    gradients += 16
    m += 16
    v += 16
  }
}
