import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../events/canonical.ts'
import { exactExp, exactLog, exactSigmoid, exactSoftplus, exactTanh } from '../../events/exact-math.ts'
import { seedOf } from '../../events/place.ts'
import { exactly, exp, log, sigmoid, softplus, tanh, ulpsBetween } from './many-digits.ts'

/** Evenly spread numbers between 0 and 1, the same in every run. */
const uniform = (i: number): number => seedOf(7, 'exact.math', 'grid', 0, i) / (2 ** 31 - 1)
const between = (low: number, high: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => low + (high - low) * uniform(i))

const small = [1e-300, 1e-20, 1e-9, 1e-4, 0.01, 0.17, 0.34, 0.35, 0.5, 0.999, 1, 1.001].flatMap((x) => [
  x,
  -x,
])
const worst = (
  points: readonly number[],
  found: (x: number) => number,
  truth: (x: bigint, near: number) => bigint,
): number => Math.max(...points.map((x) => ulpsBetween(found(x), truth(exactly(x), found(x)))))

describe('exact elementary functions', () => {
  it('exp errs by less than 1 ulp', () => {
    expect(
      worst([...between(-708, 709.7, 400), ...between(-2, 2, 200), ...small], exactExp, exp),
    ).toBeLessThan(1)
  })

  it('exp errs by at most 1 step where its results are subnormal', () => {
    expect(worst(between(-745.1, -708.4, 100), exactExp, exp)).toBeLessThan(1.01)
  })

  it('log errs by less than 1 ulp, near 1 and at both ends too', () => {
    const points = [
      ...between(1e-6, 20, 150),
      ...between(0.7, 1.42, 150),
      ...between(1 - 1e-9, 1 + 1e-9, 50),
      5e-324,
      1e-310,
      2.2250738585072014e-308,
      Number.MAX_VALUE,
      Math.SQRT2,
      Math.SQRT1_2,
      2,
      0.5,
      3,
    ]
    expect(worst(points, exactLog, log)).toBeLessThan(1)
  })

  it('sigmoid errs by less than 2 ulp', () => {
    expect(
      worst([...between(-700, 40, 150), ...between(-3, 3, 200), ...small], exactSigmoid, sigmoid),
    ).toBeLessThan(2)
  })

  it('softplus errs by less than 2 ulp', () => {
    expect(
      worst([...between(-700, 700, 100), ...between(-40, 40, 150), ...small], exactSoftplus, softplus),
    ).toBeLessThan(2)
  })

  it('tanh errs by less than 3 ulp', () => {
    expect(
      worst([...between(-22, 22, 150), ...between(-1.2, 1.2, 250), ...small], exactTanh, tanh),
    ).toBeLessThan(3)
  })

  it('give the values that everyone knows, and the ends', () => {
    expect(exactExp(0)).toBe(1)
    expect(exactExp(1)).toBe(Math.E)
    expect(exactLog(1)).toBe(0)
    expect(exactLog(2)).toBe(Math.LN2)
    expect(exactSigmoid(0)).toBe(0.5)
    expect(exactSoftplus(0)).toBe(Math.LN2)
    expect(exactTanh(0)).toBe(0)
    expect([exactExp(710), exactExp(-746)]).toEqual([Number.POSITIVE_INFINITY, 0])
    expect([exactLog(0), exactLog(-1)]).toEqual([Number.NEGATIVE_INFINITY, Number.NaN])
    expect([exactSigmoid(-1_000), exactSigmoid(1_000)]).toEqual([0, 1])
    expect([exactSoftplus(-1_000), exactSoftplus(1_000)]).toEqual([0, 1_000])
    expect([exactTanh(-1_000), exactTanh(1_000), exactTanh(-0)]).toEqual([-1, 1, -0])
  })

  it('take infinities to their limits and NaN to NaN', () => {
    const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down, NaN: none } = Number
    expect([up, down, none].map(exactExp)).toEqual([up, 0, none])
    expect([up, down, none].map(exactLog)).toEqual([up, none, none])
    expect([up, down, none].map(exactSigmoid)).toEqual([1, 0, none])
    expect([up, down, none].map(exactSoftplus)).toEqual([up, 0, none])
    expect([up, down, none].map(exactTanh)).toEqual([1, -1, none])
  })

  it('have the same bits on every machine and engine', () => {
    const count = 20_000
    const bits = new DataView(new ArrayBuffer(count * 5 * 8))
    const functions = [exactExp, (x: number) => exactLog(Math.abs(x)), exactSigmoid, exactSoftplus, exactTanh]
    for (let i = 0; i < count; i++) {
      const x = 60 * uniform(i) - 30
      functions.forEach((f, k) => bits.setFloat64((i * 5 + k) * 8, f(x)))
    }
    expect(sha256Hex(new Uint8Array(bits.buffer))).toBe(
      'bda6a4d3dabd3c39597b0a5b78771db98ab964ff14529cd9898a8732b4cb341e',
    )
  })
})
