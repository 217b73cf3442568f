import { type Answered, type Failure, isFailure } from '../plugins/api.ts'
import type { Json, Outcome, Question, Recorded } from '../events/event.ts'
import { recipeOf, recordEvent } from '../events/identity.ts'
import type { TextRecord } from '../events/log.ts'
import { numOf, textRef } from '../events/texts.ts'
import type { EventType } from '../events/vocabulary/define.ts'
import { unasked } from './rehearsal.ts'
import type { Stage } from './stage.ts'

/** A question, and the request that a plugin needs to answer it. */
export interface Ask<R> {
  readonly question: Omit<Question, 'type'>
  readonly request: R
}

export interface Given {
  readonly out: { readonly [key: string]: Json }
  readonly texts?: readonly TextRecord[]
}

export interface Asking<R, A extends object> {
  readonly definition: EventType
  readonly asks: readonly Ask<R>[]
  /** Puts requests to a plugin, which answers as it likes. */
  readonly put: (requests: readonly R[], signal: AbortSignal) => AsyncIterable<Answered<A>>
  /** What of an answer is recorded. */
  readonly given: (answer: A, k: number) => Given | Failure
  /** Whether the requests count as model calls. */
  readonly model: boolean
  readonly unit: string
  /** Sees each answer as soon as it is durable, in the order in which they come. */
  readonly seen?: (event: Recorded, k: number) => void
  /** Progress over several calls of one stage: how many came before, and how many there are in all. */
  readonly before?: number
  readonly total?: number
}

/**
 * The heart of every stage: states recipes, asks the memo, puts what is missing to the plugin, and appends
 * answers as they come. Resolves to the answers in the order of the questions; failed ones are answers too.
 */
export async function ask<R, A extends object>(
  stage: Stage,
  asking: Asking<R, A>,
): Promise<readonly Recorded[]> {
  const { run } = stage
  const { definition, asks } = asking
  const before = asking.before ?? 0
  const total = asking.total ?? asks.length
  const questions = asks.map(({ question }): Question => ({ type: definition.type, ...question }))
  const answers: (Recorded | undefined)[] = [
    ...(await run.memo.answers(questions.map((one) => recipeOf(one)))),
  ]

  const missing: number[] = []
  answers.forEach((answer, k) => {
    if (answer === undefined) missing.push(k)
    else asking.seen?.(answer, k)
  })
  const remembered = asks.length - missing.length
  stage.progress(before + remembered, total, asking.unit, { asked: 0, remembered })
  await run.unlessStopped()
  if (run.rehearsal) {
    run.rehearsal.saw(stage, remembered, missing.length)
    const standIns = missing.map((k) => unasked(questions[k]!))
    await run.recordAll(standIns)
    standIns.forEach((event, at) => {
      answers[missing[at]!] = event
    })
    return answers.map((answer) => answer!)
  }

  if (missing.length > 0) {
    if (asking.model) run.modelCalls += missing.length
    const writing: Promise<unknown>[] = []
    let failure: unknown
    let done = remembered
    const requests = missing.map((k) => asks[k]!.request)
    for await (const { index, answer, meta } of asking.put(requests, run.signal)) {
      const k = missing[index]!
      const { out, texts } = outcome(isFailure(answer) ? answer : asking.given(answer, k))
      for (const { ref, text } of texts) run.texts.keep(ref, text)
      const recorded = recordEvent(definition, { ...questions[k]!, out })
      writing.push(
        run.recorder.add(recorded, texts, run.meta(meta)).then(
          (event) => {
            answers[k] = event
            asking.seen?.(event, k)
          },
          (error: unknown) => {
            failure ??= error
          },
        ),
      )
      stage.progress(before + ++done, total, asking.unit, { asked: done - remembered, remembered })
      await run.recorder.room()
      if (failure !== undefined) throw failure
    }
    await run.unlessStopped()
    await run.recorder.flush()
    await Promise.all(writing)
    if (failure !== undefined) throw failure
  }
  return answers.map((answer) => stage.use(answer!))
}

const outcome = (given: Given | Failure): { out: Outcome; texts: readonly TextRecord[] } => {
  if (!isFailure(given)) return { out: { status: 'ok', ...given.out }, texts: given.texts ?? [] }
  const written = given.text === undefined ? [] : [textRecord(given.text)]
  const more = {
    ...(written[0] === undefined ? {} : { text: { ...written[0].ref } }),
    ...(given.mass === undefined ? {} : { mass: numOf(given.mass) }),
  }
  return { out: { status: 'failed', reason: given.failed, ...more }, texts: written }
}

export const textRecord = (text: string): TextRecord => ({ ref: textRef(text), text })
