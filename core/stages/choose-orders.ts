import {
  type Answered,
  type Choice,
  type Chosen,
  type Failure,
  isFailure,
  type Policy,
} from '../../plugins/api.ts'

/** What a judge answered to one request: both log-probabilities for each order, in the orders of the request. */
export interface OrdersChosen {
  readonly orders: readonly Chosen[]
}

/**
 * Asks for all orders of each request. A request is answered once every order is, in whatever order they come; where one
 * failed, the answer is the failure of the first that did, in the orders of the request.
 */
export async function* chooseOrders(
  policy: Policy,
  requests: readonly (readonly Choice[])[],
  signal: AbortSignal,
): AsyncIterable<Answered<OrdersChosen>> {
  const flat = requests.flatMap((choices, index) =>
    choices.map((choice, order) => ({ choice, index, order })),
  )
  const told = requests.map((choices) => ({
    answers: Array.from<Chosen | Failure>({ length: choices.length }),
    missing: choices.length,
  }))
  const choices = flat.map(({ choice }) => choice)
  for await (const { index: at, answer, meta } of policy.choose(choices, signal)) {
    const { index, order } = flat[at]!
    const request = told[index]!
    request.answers[order] = answer
    if (--request.missing > 0) continue
    const orders = request.answers.filter((one): one is Chosen => !isFailure(one))
    yield {
      index,
      answer: request.answers.find((one) => isFailure(one)) ?? { orders },
      ...(meta === undefined ? {} : { meta }),
    }
  }
}
