import { expect, test } from 'vitest'
import { Kernel } from '../../../../plugins/models/pocket/kernel/kernel.ts'
import { loadWeights, reserveWeights } from '../../../../plugins/models/pocket/lm/loaded-weights.ts'
import { Passes } from '../../../../plugins/models/pocket/lm/passes.ts'
import { layoutOf } from '../../../../plugins/models/pocket/lm/shape.ts'
import { initialWeights } from '../../../../plugins/models/pocket/lm/weights.ts'
import { integerBelow, randomFrom } from '../../../../plugins/models/pocket/random.ts'

const layout = layoutOf({ vocabulary: 40, width: 32, layers: 2, heads: 2, context: 24 })
const sequences = [
  [1, 5, 7, 9, 3, 2, 8],
  [4, 4, 6, 39, 20, 11, 1, 2, 3, 5, 9],
  [2, 3],
].map((s) => Int32Array.from(s))
const goal = {
  rows: Int32Array.from([0, 1, 3, 5, 7, 8, 12, 16, 18]),
  targets: Int32Array.from([5, 7, 3, 8, 4, 6, 0, 39, 3]),
  weights: Float32Array.from([1, 1, 2, -0.5, 1, 1, 1, 3, 1]),
  scale: 0.1,
}

test('gradients agree with finite differences in every tensor', () => {
  const kernel = new Kernel()
  const passes = new Passes(kernel, layout, 64)
  const place = reserveWeights(kernel, layout)
  const gradients = kernel.allocate(layout.size)
  const weights = initialWeights(layout, 3)
  // gains away from 1, so that a forgotten gain shows
  const random = randomFrom(4)
  for (const tensor of layout.tensors) {
    for (let i = 0; tensor.spread === 0 && i < tensor.size; i++) weights[tensor.offset + i] = 0.5 + random()
  }
  const loss = (): number => {
    loadWeights(kernel, place, weights, true)
    kernel.floats(gradients, layout.size).fill(0)
    return passes.backward(place, gradients, passes.forward(place, sequences, true), goal) * goal.scale
  }
  loss()
  const exact = kernel.floats(gradients, layout.size).slice()
  let worst = 0
  for (const tensor of layout.tensors) {
    for (let trial = 0; trial < 6; trial++) {
      const i = tensor.offset + integerBelow(random, tensor.size)
      const value = weights[i] as number
      const step = 3e-3
      weights[i] = value + step
      const above = loss()
      weights[i] = value - step
      const below = loss()
      weights[i] = value
      const numeric = (above - below) / (2 * step)
      const analytic = exact[i] as number
      worst = Math.max(worst, Math.abs(numeric - analytic) / (1e-3 + Math.abs(numeric) + Math.abs(analytic)))
    }
  }
  expect(worst).toBeLessThan(0.01)
})
