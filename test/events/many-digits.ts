/**
 * The functions of `events/exact-math.ts` in fixed point with 1,200 bits after the point: slow, and right to more than
 * 100 bits of every double's result. Only to measure errors with.
 */

const pointBits = 1_200n
const one = 1n << pointBits

/** A finite double, exactly. */
export const exactly = (x: number): bigint => {
  const cell = new DataView(new ArrayBuffer(8))
  cell.setFloat64(0, x)
  const bits = cell.getBigUint64(0)
  const biased = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const significand = biased === 0n ? fraction : fraction | (1n << 52n)
  const shift = pointBits - 1_075n + (biased === 0n ? 1n : biased)
  const size = shift >= 0n ? significand << shift : significand >> -shift
  return bits >> 63n === 1n ? -size : size
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> pointBits
const over = (a: bigint, b: bigint): bigint => (a << pointBits) / b

export const exp = (x: bigint): bigint => {
  const halvings = 14n
  const reduced = x >> halvings
  let term = one
  let sum = one
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = times(term, reduced) / n
    sum += term
  }
  for (let n = 0n; n < halvings; n++) sum = times(sum, sum)
  return sum
}

/** By Halley's iteration from a double's worth of digits, which each step triples. */
const logFrom = (near: number, x: bigint): bigint => {
  let y = exactly(near)
  for (let step = 0; step < 2; step++) {
    const power = exp(y)
    y += over(2n * (x - power), x + power)
  }
  return y
}

export const log = (x: bigint, near: number): bigint => logFrom(near, x)
export const softplus = (x: bigint, near: number): bigint => logFrom(near, one + exp(x))
export const sigmoid = (x: bigint): bigint => over(one, one + exp(-x))
export const tanh = (x: bigint): bigint => {
  const power = exp(2n * x)
  return over(power - one, power + one)
}

/** How far a double is from the true value, in units in the last place of the true value. */
export const ulpsBetween = (found: number, truth: bigint): number => {
  const size = truth < 0n ? -truth : truth
  const exponent = BigInt(size.toString(2).length) - 1n
  const least = pointBits - 1_074n
  const ulp = 1n << (exponent - 52n > least ? exponent - 52n : least)
  const apart = exactly(found) - truth
  return Number(((apart < 0n ? -apart : apart) * 1_000n) / ulp) / 1_000
}
