import type { Digest, Json } from '../../events/event.ts'
import { eventsOf, membersOf, theParent } from '../../lineage/record.ts'
import type { Trainer } from '../../plugins/api.ts'
import { compareSteps, type RecordedTraining, type ReplayAccess, type Replayed } from './training.ts'
import { dialoguesOf } from '../prompt-items.ts'

/** A checkpoint is wanted of the last step only. */
const never = Number.MAX_SAFE_INTEGER

/** Fine-tunes again on the recorded set, in its order. Resolves to the comparison and to the weights that came out. */
export const replaySft = async (
  access: ReplayAccess,
  trainer: Trainer,
  training: RecordedTraining,
): Promise<{ readonly result: Replayed; readonly bytes: Uint8Array }> => {
  const { home, graph, texts, signal } = access
  const { started, steps } = training
  const reader = { ...home, graph }
  const members = await membersOf(reader, theParent(started, 'set'))
  const items = async (start: number, count: number) => {
    const events = await eventsOf(home, members.slice(start, start + count))
    const prompts = await eventsOf(
      home,
      events.map((event) => theParent(event, 'prompt')),
    )
    const answers = await texts.of(events)
    const dialogues = await dialoguesOf(texts, prompts)
    return events.map(({ id }, k) => ({
      id,
      dialogue: dialogues[k]!,
      answer: answers[k]!,
    }))
  }
  const weights: (Digest | undefined)[] = []
  let bytes = new Uint8Array()
  const job = {
    start: undefined,
    settings: started.event.params['settings'] as Readonly<Record<string, Json>>,
    count: members.length,
    items,
    checkpointEvery: never,
  }
  for await (const report of trainer.sft(job, signal)) {
    if (report.kind === 'checkpoint') bytes = new Uint8Array(report.bytes)
    else {
      weights.push(report.weights)
      access.progress(started.event.draw.subject, report.step, steps.length)
    }
  }
  return { result: compareSteps(training, 'sft', weights), bytes }
}
