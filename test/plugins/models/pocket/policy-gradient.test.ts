import { expect, test } from 'vitest'
import {
  advantagesOf,
  answerKl,
  policyItems,
  type Scored,
} from '../../../../plugins/models/pocket/training/policy-gradient.ts'
import { answerItem, decayedRate } from '../../../../plugins/models/pocket/training/supervised.ts'

const rollout = (group: number, reward: number): Scored => ({
  tokens: Int32Array.from([1, 2, 3, 4]),
  from: 2,
  group,
  reward,
  logProbs: Float32Array.from([-1, -2]),
  reference: Float32Array.from([-1.5, -2.25]),
})

test('the KL of an answer is the sum over its tokens', () => {
  expect(answerKl(rollout(0, 1))).toBeCloseTo(0.75, 6)
})

test('advantages are taken within a group, after the KL term', () => {
  const rollouts = [rollout(0, 1), rollout(0, 3), rollout(1, 10), rollout(1, 10)]
  const advantages = advantagesOf(rollouts, [0, 10, 0, 0], 0.2)
  // 1, 1, 10, 10: nobody is better than its group
  expect(advantages).toEqual([0, 0, 0, 0])
  const [a = 0, b = 0] = advantagesOf(rollouts, [0, 0, 0, 0], 0.2)
  expect(a).toBe(-b)
  expect(b).toBeGreaterThan(0)
})

test('a constant added to all rewards changes no advantage', () => {
  const rollouts = [rollout(0, 1), rollout(0, 3), rollout(1, 4), rollout(1, 8)]
  const kls = [0, 1, 2, 3]
  const shifted = rollouts.map((one) => ({ ...one, reward: one.reward + 64 }))
  expect(advantagesOf(shifted, kls, 0.25)).toEqual(advantagesOf(rollouts, kls, 0.25))
})

test('only the answer is trained on', () => {
  const [item] = policyItems([rollout(0, 1)], [0.5])
  expect([...(item?.weights ?? [])]).toEqual([0, 0, 0.5, 0.5])
  expect([...answerItem(Int32Array.from([1, 2, 3]), 1).weights]).toEqual([0, 1, 1])
})

test('the learning rate falls linearly and stops at a tenth', () => {
  const rates = [1, 2, 3, 4].map((step) => decayedRate(1, step, 4))
  expect(rates).toEqual([1, 0.75, 0.5, 0.25])
  expect(decayedRate(1, 100, 100)).toBeCloseTo(0.1, 10)
})
