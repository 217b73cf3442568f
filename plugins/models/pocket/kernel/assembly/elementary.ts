/**
 * exp, log, sine and cosine, from the four operations alone. The host's own versions may differ between
 * engines and machines; these give the same bits wherever WebAssembly runs.
 */
import { madd } from './lanes'

const LN2: f64 = 0.6931471805599453094
const LOG2E: f64 = 1.4426950408889634074
/** pi/2 in two parts: the first has few enough bits that n times it is exact for n < 2^20. */
const HALF_PI_HIGH: f64 = 1.57079632673412561417
const HALF_PI_LOW: f64 = 6.07710050650619224932e-11

/**
 * exp of four floats, for arguments in [-87, 88] (clamped). x = n ln 2 + r with |r| <= ln(2)/2, and
 * exp(r) by the polynomial of Cephes' expf (S. Moshier), about 1 ulp. Adding 1.5 * 2^23 rounds to the
 * nearest integer and leaves it in the low bits, from where a shift carries it into the exponent.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.splat(-87), f32x4.pmin(f32x4.splat(88), x))
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), f32x4.splat(12582912))
  const n = f32x4.sub(shifted, f32x4.splat(12582912))
  // ln 2 in two parts, so that the subtraction loses nothing
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)))
  let y = f32x4.splat(1.9875691500e-4)
  y = madd(y, r, f32x4.splat(1.3981999507e-3))
  y = madd(y, r, f32x4.splat(8.3334519073e-3))
  y = madd(y, r, f32x4.splat(4.1665795894e-2))
  y = madd(y, r, f32x4.splat(1.6666665459e-1))
  y = madd(y, r, f32x4.splat(5.0000001201e-1))
  y = f32x4.add(madd(y, f32x4.mul(r, r), r), f32x4.splat(1))
  return i32x4.add(y, i32x4.shl(shifted, 23))
}

/** exp in double precision for |x| < 700: Taylor's series to degree 13 on |r| <= ln(2)/2, error below 1e-16. */
export function exp(x: f64): f64 {
  const n = nearest(x * LOG2E)
  const r = x - n * LN2
  let y: f64 = 1
  for (let k = 13; k > 0; k--) y = 1 + (y * r) / <f64>k
  return y * reinterpret<f64>((<i64>n + 1023) << 52)
}

/**
 * The natural logarithm of a positive, normal double. x = m 2^e with m in [sqrt(1/2), sqrt(2)), and
 * ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1)/(m + 1), |s| < 0.172: eleven terms reach 1e-17.
 */
export function log(x: f64): f64 {
  const bits = reinterpret<i64>(x)
  let exponent = ((bits >> 52) & 0x7ff) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    exponent += 1
  }
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  let series: f64 = 0
  for (let k = 21; k > 0; k -= 2) series = 1 / <f64>k + series * s2
  return 2 * s * series + <f64>exponent * LN2
}

/** sin(x + quarter * pi/2) for |x| up to some thousands: reduction to [-pi/4, pi/4], then Taylor's series. */
function sine(x: f64, quarter: i64): f64 {
  const n = nearest(x * 0.63661977236758134308)
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW
  const turn = (<i64>n + quarter) & 3
  const r2 = r * r
  let y: f64 = 1
  if (turn & 1) {
    for (let k = 16; k > 0; k -= 2) y = 1 - (y * r2) / <f64>(k * (k - 1))
  } else {
    for (let k = 17; k > 1; k -= 2) y = 1 - (y * r2) / <f64>(k * (k - 1))
    y *= r
  }
  return turn & 2 ? -y : y
}

/**
 * Tables of the rotary embedding (Su et al. 2021): angle = position * 10000^(-2j / width).
 * cos and sin: [positions, width / 2] floats.
 */
export function ropeTables(positions: i32, width: i32, cos: usize, sin: usize): void {
  const half = width >> 1
  const step = -2 * log(10000)
  for (let t = 0; t < positions; t++) {
    for (let j = 0; j < half; j++) {
      const angle = <f64>t * exp((step * <f64>j) / <f64>width)
      const o = <usize>(t * half + j) << 2
      store<f32>(cos + o, <f32>sine(angle, 1))
      store<f32>(sin + o, <f32>sine(angle, 0))
    }
  }
}
