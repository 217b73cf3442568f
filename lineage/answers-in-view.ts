import type { EventId, Recorded } from '../events/event.ts'
import { datasetImported } from '../events/vocabulary/governance.ts'
import { refusalClassified } from '../events/vocabulary/evaluation.ts'
import { outcomeOf, paramsOf } from './outcome.ts'
import { eventsOf, parentOf, textsOf, theParent, type RecordAccess } from './record.ts'
import type { AnswerInView, Classified, PromptInView } from './trace-types.ts'

/** Answers with their texts, their prompts and what they were classed as, by id. In batches, however many they are. */
export const answersInView = async (
  access: RecordAccess,
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, AnswerInView>> => {
  const answers = await eventsOf(access, [...new Set(ids)])
  const [texts, prompts, classified] = await Promise.all([
    textsOf(access, answers),
    promptsInView(
      access,
      answers.map((answer) => theParent(answer, 'prompt')),
    ),
    classesOf(
      access,
      answers.map(({ id }) => id),
    ),
  ])
  return new Map(
    answers.map((answer, at) => [
      answer.id,
      {
        id: answer.id,
        type: answer.event.type,
        text: texts[at]!,
        prompt: prompts.get(theParent(answer, 'prompt'))!,
        classified: classified.get(answer.id),
      },
    ]),
  )
}

/** Prompts with their texts and what their dataset is for, by id. */
export const promptsInView = async (
  access: RecordAccess,
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, PromptInView>> => {
  const prompts = await eventsOf(access, [...new Set(ids)])
  const [texts, uses] = await Promise.all([textsOf(access, prompts), usesOf(access, prompts)])
  return new Map(
    prompts.map((prompt, at) => [
      prompt.id,
      {
        id: prompt.id,
        subject: prompt.event.draw.subject,
        text: readable(texts[at]!, prompt.event.out['form']),
        use: uses.get(prompt.id),
      },
    ]),
  )
}

/** What each prompt's dataset was imported for; nothing for prompts that a model wrote. */
const usesOf = async (
  access: RecordAccess,
  prompts: readonly Recorded[],
): Promise<ReadonlyMap<EventId, string>> => {
  const datasets = [...new Set(prompts.flatMap((prompt) => parentOf(prompt, 'dataset') ?? []))]
  const imported = await eventsOf(access, datasets)
  const use = new Map(imported.map(({ id, event }) => [id, paramsOf(datasetImported, event).use]))
  return new Map(
    prompts.flatMap((prompt) => {
      const dataset = parentOf(prompt, 'dataset')
      return dataset === undefined ? [] : [[prompt.id, use.get(dataset)!] as const]
    }),
  )
}

/** A dialogue of several turns is kept as JSON; people read it line by line. */
const readable = (text: string | null, form: unknown): string | null => {
  if (text === null || form !== 'turns') return text
  const turns = JSON.parse(text) as readonly { readonly role: string; readonly content: string }[]
  return turns.map(({ role, content }) => `${role}: ${content}`).join('\n')
}

/** What answers were classed as; where several scorers did, the one that the projection met last. */
export const classesOf = async (
  access: RecordAccess,
  answers: readonly EventId[],
): Promise<ReadonlyMap<EventId, Classified>> => {
  const children = await access.graph.childrenOf(answers, { type: refusalClassified.type, role: 'answer' })
  const last = [...children].map(([answer, nodes]) => ({ answer, id: nodes.at(-1)!.id }))
  const events = await eventsOf(
    access,
    last.map(({ id }) => id),
  )
  return new Map(
    last.flatMap(({ answer }, at) => {
      const classified = classOf(events[at]!)
      return classified === undefined ? [] : [[answer, classified] as const]
    }),
  )
}

export const classOf = ({ id, event }: Recorded): Classified | undefined => {
  const out = outcomeOf(refusalClassified, event)
  if (out === undefined) return undefined
  const { refuses, flat, engaged, start, end } = out
  return {
    id,
    scorer: paramsOf(refusalClassified, event).scorer,
    behaviour: event.by.behaviour,
    refuses,
    flat,
    engaged,
    start,
    end,
  }
}
