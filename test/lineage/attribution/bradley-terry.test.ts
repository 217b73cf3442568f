import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactSigmoid, exactSoftplus } from '../../../events/exact-math.ts'
import { sha256Hex } from '../../../events/canonical.ts'
import { dot, fitHead } from '../../../lineage/attribution/bradley-terry.ts'
import { stream } from './synthetic.ts'

const synthetic = (n: number, d: number, seed: number, soft = true) => {
  const random = stream(seed)
  const truth = Float64Array.from({ length: d }, () => random.normal())
  const differences = Float64Array.from({ length: n * d }, () => random.normal())
  const targets = Float64Array.from({ length: n }, (_, i) => {
    const p = exactSigmoid(dot(differences, i * d, truth))
    return soft ? p : random.uniform() < p ? 1 : 0
  })
  return { differences, targets, truth }
}

const loss = (x: Float64Array, y: Float64Array, lambda: number, theta: Float64Array): number => {
  let sum = (lambda / 2) * dot(theta, 0, theta)
  for (let i = 0; i < y.length; i++) {
    const z = dot(x, i * theta.length, theta)
    sum += exactSoftplus(z) - y[i]! * z
  }
  return sum
}

describe('a Bradley–Terry head', () => {
  it('ends where no small move in any direction lowers the loss', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        fc.constantFrom(0.01, 1, 30),
        fc.boolean(),
        (n, d, seed, lambda, soft) => {
          const { differences, targets } = synthetic(n, d, seed, soft)
          const fit = fitHead({ differences, targets, lambda })
          expect(fit.gradientNorm).toBeLessThan(1e-10)
          const least = loss(differences, targets, lambda, fit.theta)
          expect(fit.lossNats).toBeCloseTo(least, 9)
          for (let j = 0; j < d; j++)
            for (const move of [-1e-3, 1e-3]) {
              const moved = Float64Array.from(fit.theta)
              moved[j]! += move
              expect(loss(differences, targets, lambda, moved)).toBeGreaterThan(least)
            }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finds the weights that drew soft labels when the penalty is small', () => {
    const { differences, targets, truth } = synthetic(2000, 5, 3)
    const { theta } = fitHead({ differences, targets, lambda: 1e-6 })
    theta.forEach((value, j) => expect(value).toBeCloseTo(truth[j]!, 5))
  })

  it('ends at the same optimum wherever it starts, also from far away', () => {
    const { differences, targets } = synthetic(300, 6, 4, false)
    const cold = fitHead({ differences, targets, lambda: 1 })
    const far = fitHead({ differences, targets, lambda: 1, start: new Float64Array(6).fill(40) })
    far.theta.forEach((value, j) => expect(value).toBeCloseTo(cold.theta[j]!, 10))
  })

  it('solves separable labels, where only the penalty keeps the weights finite', () => {
    const differences = Float64Array.of(1, 2, 3, 4)
    const { theta, gradientNorm } = fitHead({
      differences,
      targets: Float64Array.of(1, 1, 1, 1),
      lambda: 1e-4,
    })
    expect(gradientNorm).toBeLessThan(1e-12)
    expect(theta[0]).toBeGreaterThan(3)
  })

  it('is all zeros without comparisons, and where every answer has the same features', () => {
    const start = new Float64Array(3)
    const empty = { differences: new Float64Array(0), targets: new Float64Array(0) }
    expect([...fitHead({ ...empty, lambda: 1, start }).theta]).toEqual([0, 0, 0])
    const flat = { differences: new Float64Array(6), targets: Float64Array.of(1, 0) }
    expect([...fitHead({ ...flat, lambda: 1 }).theta]).toEqual([0, 0, 0])
  })

  it('refuses a penalty of 0, sizes that do not fit, and features that are not finite', () => {
    const { differences, targets } = synthetic(4, 2, 5)
    expect(() => fitHead({ differences, targets, lambda: 0 })).toThrow(RangeError)
    expect(() => fitHead({ differences: differences.slice(1), targets, lambda: 1 })).toThrow(RangeError)
    differences[3] = Number.NaN
    expect(() => fitHead({ differences, targets, lambda: 1 })).toThrow(/not finite|positive definite/)
  })

  it('gives these very bits on every machine', () => {
    const { differences, targets } = exactData(500, 13)
    const { theta } = fitHead({ differences, targets, lambda: 1 })
    expect(sha256Hex(new Uint8Array(theta.buffer))).toMatchInlineSnapshot(
      `"8a9626925c306bb1e33929caaa1ab008fc9e25f5179208a5757ddf985225c576"`,
    )
  })
})

/** Data made with exact arithmetic alone, since the bits of Math.log and Math.cos are no machine's promise. */
const exactData = (n: number, d: number) => {
  const random = stream(9)
  return {
    differences: Float64Array.from({ length: n * d }, () => random.uniform() * 4 - 2),
    targets: Float64Array.from({ length: n }, () => random.uniform()),
  }
}
