import type { EventId } from '../../events/event.ts'
import { numFrom } from '../../events/texts.ts'
import { harmScored } from '../../events/vocabulary/evaluation.ts'
import { classesOf, promptsInView } from '../answers-in-view.ts'
import { outcomeOf, paramsOf } from '../outcome.ts'
import { theParent, type RecordAccess } from '../record.ts'
import type { RunMembers } from '../run-members.ts'
import { eventsOfType } from './run-events.ts'

/** An answer that a scorer measured. */
export interface MeasuredAnswer {
  readonly answer: EventId
  readonly type: string
  /** The policy that gave it. */
  readonly policy: EventId | undefined
  /** The critique round of a revision. */
  readonly round: number
  readonly prompt: EventId
  /** Digest of the prompt's text. */
  readonly subject: string
  /** What the prompt's dataset is for; `red_team` for prompts that the model wrote itself. */
  readonly use: string
  readonly scorer: string
  readonly scores: Readonly<Record<string, number>>
  readonly refuses: boolean | undefined
  readonly flat: boolean | undefined
  readonly engaged: boolean | undefined
}

/** Every answer of a run that was measured. */
export const measuredAnswers = async (
  access: RecordAccess,
  run: RunMembers,
): Promise<readonly MeasuredAnswer[]> => {
  const scored = await eventsOfType(access, run, harmScored.type, 'ok')
  const answers = scored.map((event) => theParent(event, 'answer'))
  const prompts = scored.map((event) => theParent(event, 'prompt'))
  const [nodes, policies, inView, classes] = await Promise.all([
    access.graph.nodes(answers),
    access.graph.parentsOf(answers, 'policy'),
    promptsInView(access, prompts),
    classesOf(access, answers),
  ])
  return scored.map(({ event }, at): MeasuredAnswer => {
    const answer = answers[at]!
    const { scores } = outcomeOf(harmScored, event)!
    const classed = classes.get(answer)
    return {
      answer,
      type: nodes[at]?.type ?? 'unknown',
      policy: policies.get(answer)?.[0]?.parent,
      round: nodes[at]?.round ?? 0,
      prompt: prompts[at]!,
      subject: event.draw.subject,
      use: inView.get(prompts[at]!)?.use ?? 'red_team',
      scorer: paramsOf(harmScored, event).scorer,
      scores: Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, numFrom(value)])),
      refuses: classed?.refuses,
      flat: classed?.flat,
      engaged: classed?.engaged,
    }
  })
}

/** The mean of the finite numbers, its standard error, and how many they are; undefined without any. */
export const meanAndError = (
  values: readonly (number | undefined)[],
): { readonly mean: number; readonly error: number; readonly count: number } | undefined => {
  const finite = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[]
  if (finite.length === 0) return undefined
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length
  const square = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = finite.length < 2 ? 0 : Math.sqrt(square / (finite.length - 1) / finite.length)
  return { mean, error, count: finite.length }
}
