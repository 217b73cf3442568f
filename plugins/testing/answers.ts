import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answered, Failure } from '../api.ts'

type Put<R, T> = (requests: readonly R[], signal: AbortSignal) => AsyncIterable<Answered<T>>

/** Answers in the order of the requests; the bound port has seen to it that each came exactly once. */
export async function answersTo<R, T>(
  put: Put<R, T>,
  requests: readonly R[],
): Promise<readonly (T | Failure)[]> {
  const answers: (T | Failure)[] = Array.from({ length: requests.length })
  for await (const { index, answer } of put(requests, new AbortController().signal)) answers[index] = answer
  return answers
}

/** Asserts that answers repeat: again, each request alone, and in the opposite order. */
export async function assertExact<R, T>(put: Put<R, T>, requests: readonly R[]): Promise<void> {
  const together = await answersTo(put, requests)
  assert.deepEqual(
    await answersTo(put, requests),
    together,
    'the same batch, put again, was answered otherwise',
  )
  const alone = []
  for (const request of requests) alone.push(...(await answersTo(put, [request])))
  assert.deepEqual(alone, together, 'a request was answered otherwise alone than among others')
  const backwards = await answersTo(put, requests.toReversed())
  assert.deepEqual(backwards.toReversed(), together, 'requests were answered otherwise in another order')
}

/** Asserts that an abort ends the answering, and that a request put too late is not answered. */
export async function assertAborts<R, T>(
  put: Put<R, T>,
  requests: readonly R[],
  patienceMs: number,
): Promise<void> {
  assert.ok(requests.length > 1, 'two requests at least are needed to see an abort')
  await assertStops((signal) => put(requests, signal), patienceMs)
}

/** Asserts that nothing comes after an abort, nor from a start after it, and that both end. */
export async function assertStops(
  start: (signal: AbortSignal) => AsyncIterable<unknown>,
  patienceMs: number,
): Promise<void> {
  const stop = new AbortController()
  let seen = 0
  const working = (async () => {
    for await (const _ of start(stop.signal)) {
      seen++
      stop.abort()
    }
  })()
  await endsWithin(working, patienceMs)
  assert.equal(seen, 1, 'more came after the abort')

  const late = (async () => {
    for await (const _ of start(AbortSignal.abort())) seen++
  })()
  await endsWithin(late, patienceMs)
  assert.equal(seen, 1, 'something came though it was started after the abort')
}

/** Waits for work that may end in any way, but must end. */
async function endsWithin(work: Promise<void>, patienceMs: number): Promise<void> {
  const quiet = work.catch(() => undefined)
  const late = sleep(patienceMs, 'late', { ref: false })
  assert.notEqual(await Promise.race([quiet, late]), 'late', `it did not stop within ${patienceMs} ms`)
}
