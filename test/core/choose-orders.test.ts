import { describe, expect, test } from 'vitest'
import { chooseOrders, type OrdersChosen } from '../../core/stages/choose-orders.ts'
import type { Answered, Choice, Chosen, Failure, Policy } from '../../plugins/api.ts'

const choice = (first: string, second: string): Choice => ({
  dialogue: [{ role: 'user', content: 'how do i bake bread' }],
  answers: [first, second],
  principle: undefined,
})

/** A judge that gives these answers, in the order named by their places among the choices. */
const judge = (given: readonly (readonly [at: number, answer: Chosen | Failure])[]) =>
  ({
    async *choose(): AsyncIterable<Answered<Chosen>> {
      for (const [index, answer] of given) yield { index, answer }
    },
  }) as unknown as Policy

const told = async (policy: Policy, requests: readonly (readonly Choice[])[]) => {
  const answers: Answered<OrdersChosen>[] = []
  for await (const one of chooseOrders(policy, requests, AbortSignal.timeout(1_000))) answers.push(one)
  return answers
}

const both = [choice('a', 'b'), choice('b', 'a')]
const straight = { first: -1, second: -2 }
const turned = { first: -3, second: -4 }

describe('the orders of a choice', () => {
  test('stand in the order of the request, however the answers come', async () => {
    for (const given of [
      [
        [0, straight],
        [1, turned],
      ],
      [
        [1, turned],
        [0, straight],
      ],
    ] as const)
      expect(await told(judge(given), [both])).toEqual([{ index: 0, answer: { orders: [straight, turned] } }])
  })

  test('fail with the first of them that failed, however the answers come', async () => {
    const empty = { failed: 'empty' } as const
    const massless = { failed: 'no_mass_on_choices', mass: 0.1 } as const
    for (const given of [
      [
        [0, empty],
        [1, massless],
      ],
      [
        [1, massless],
        [0, empty],
      ],
    ] as const)
      expect(await told(judge(given), [both])).toEqual([{ index: 0, answer: empty }])
  })

  test('are those of each request where answers of several come mixed', async () => {
    const given = [
      [3, turned],
      [0, straight],
      [2, straight],
      [1, { failed: 'empty' }],
    ] as const
    expect(await told(judge(given), [both, both])).toEqual([
      { index: 1, answer: { orders: [straight, turned] } },
      { index: 0, answer: { failed: 'empty' } },
    ])
  })
})
