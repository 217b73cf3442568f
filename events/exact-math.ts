/**
 * Functions that engines may compute differently (`Math.exp` and its kin), with the same bits everywhere: they use only
 * the four operations, comparisons, rounding to integers and powers of two, which IEEE 754 and ECMAScript fix. The
 * polynomials are Taylor series over reduced arguments, long enough that what is cut off is below half an ulp.
 * Greatest errors, measured against 60 digits (test/events/exact-math.test.ts holds them):
 * exp and log below 1 ulp, sigmoid and softplus below 2 ulp, tanh below 3 ulp; subnormal results to half their spacing more.
 */

// ln 2 in two parts. The high one has 32 bits, so k · high is exact for every exponent k.
const ln2High = 2_977_044_471 / 4_294_967_296
const ln2Low = 1.908_214_929_270_587_7e-10
/** The greatest argument whose exp is finite, and the one below which it rounds to 0. */
const greatestArgument = 709.782_712_893_384
const leastArgument = -745.133_219_101_941_2

/** e^x. */
export const exactExp = (x: number): number => {
  if (Number.isNaN(x)) return x
  if (x > greatestArgument) return Number.POSITIVE_INFINITY
  if (x < leastArgument) return 0
  const k = Math.floor(x / Math.LN2 + 0.5)
  return scale(1 + exponentialLess1(x, k), k)
}

/** Natural logarithm; NaN below 0, −Infinity at 0. */
export const exactLog = (x: number): number => {
  if (!(x >= 0) || x === Number.POSITIVE_INFINITY) return x < 0 ? Number.NaN : x
  if (x === 0) return Number.NEGATIVE_INFINITY
  const { mantissa, exponent } = split(x)
  const f = mantissa - 1
  const s = f / (2 + f)
  const z = s * s
  // log((1 + s) / (1 − s)) = 2s (1 + z/3 + z²/5 + …), arranged as fdlibm does, so that f is added last.
  let series = 0
  for (let n = 12; n >= 1; n--) series = z * (2 / (2 * n + 1) + series)
  const half = 0.5 * f * f
  return exponent * ln2High - (half - (s * (half + series) + exponent * ln2Low) - f)
}

/** The logistic function 1 / (1 + e^−x). */
export const exactSigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + exactExp(-x))
  const power = exactExp(x)
  return power / (1 + power)
}

/** log(1 + e^x), which is −log of the logistic function at −x. */
export const exactSoftplus = (x: number): number =>
  x > 0 ? x + logOf1Plus(exactExp(-x)) : logOf1Plus(exactExp(x))

/** Hyperbolic tangent. */
export const exactTanh = (x: number): number => {
  if (x === 0 || Number.isNaN(x)) return x
  const size = Math.abs(x)
  const tangent = size > 22 ? 1 : tangentOf(size)
  return x < 0 ? -tangent : tangent
}

const tangentOf = (size: number): number => {
  const doubled = 2 * size
  const k = Math.floor(doubled / Math.LN2 + 0.5)
  // e^y − 1 = 2^k (e^r − 1) + (2^k − 1)
  const power = powerOf2(k)
  const less1 = power * exponentialLess1(doubled, k) + (power - 1)
  return size < 1 ? less1 / (less1 + 2) : 1 - 2 / (less1 + 2)
}

/** log(1 + x) for x in 0 … 1: what 1 + x loses in rounding is added to first order. */
const logOf1Plus = (x: number): number => {
  const sum = 1 + x
  return exactLog(sum) + (x - (sum - 1)) / sum
}

/** 1/n! for n = 3 … 14. */
const inverseFactorials = [
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5_040,
  1 / 40_320,
  1 / 362_880,
  1 / 3_628_800,
  1 / 39_916_800,
  1 / 479_001_600,
  1 / 6_227_020_800,
  1 / 87_178_291_200,
] as const

/** e^r − 1, where r = x − k ln 2 is at most half of ln 2. */
const exponentialLess1 = (x: number, k: number): number => {
  const high = x - k * ln2High
  const low = k * ln2Low
  const r = high - low
  const lost = high - r - low
  let series = 0
  for (let n = inverseFactorials.length - 1; n >= 0; n--) series = r * (inverseFactorials[n]! + series)
  // r + r²/2 + r² (r/6 + r²/24 + …), and the derivative's 1 + r for what r lost.
  return r + (r * r * (0.5 + series) + lost * (1 + r))
}

const cell = new DataView(new ArrayBuffer(8))
const exponentBias = 1_023

/** 2^k for −1022 ≤ k ≤ 1023. */
const powerOf2 = (k: number): number => {
  cell.setUint32(0, (k + exponentBias) << 20)
  cell.setUint32(4, 0)
  return cell.getFloat64(0)
}

/** value · 2^k, in two exact steps where 2^k itself is no normal number. */
const scale = (value: number, k: number): number => {
  if (k > 1_023) return value * powerOf2(1_023) * powerOf2(k - 1_023)
  if (k < -1_022) return value * powerOf2(k + 60) * powerOf2(-60)
  return value * powerOf2(k)
}

/** x = mantissa · 2^exponent with the mantissa between √½ and √2; x finite and positive. */
const split = (x: number): { readonly mantissa: number; readonly exponent: number } => {
  const subnormal = x < powerOf2(-1_022)
  cell.setFloat64(0, subnormal ? x * powerOf2(60) : x)
  const high = cell.getUint32(0)
  const exponent = (high >>> 20) - exponentBias - (subnormal ? 60 : 0)
  cell.setUint32(0, (high & 0xf_ffff) | (exponentBias << 20))
  const mantissa = cell.getFloat64(0)
  return mantissa > Math.SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent }
}
