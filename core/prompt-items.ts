import type * as z from 'zod'
import type { Digest, EventId, Recorded } from '../events/event.ts'
import { encodeCanonical } from '../events/canonical.ts'
import { form, promptImported } from '../events/vocabulary/prompts.ts'
import { setMembers } from '../events/sets.ts'
import { eventsOf } from '../lineage/record.ts'
import { outcomeOf } from '../lineage/outcome.ts'
import type { Turn } from '../plugins/api.ts'
import { Occurrences } from './places.ts'
import type { Run } from './run-context.ts'
import { type TextReader, textOf } from './text-reader.ts'

/** A prompt as stages use it. */
export interface PromptItem {
  readonly id: EventId
  /** Digest of its text: the subject of every act about it. */
  readonly subject: Digest
  /** Which of the prompts with this text it is, in the order of its list. */
  readonly i: number
  readonly dialogue: readonly Turn[]
}

/** The text under which a dialogue is recorded: its bare words where it is one user turn, else canonical JSON. */
export const textOfDialogue = (turns: readonly Turn[]): { text: string; form: 'plain' | 'turns' } => {
  const [only] = turns
  if (turns.length === 1 && only!.role === 'user') return { text: only!.content, form: 'plain' }
  const json = turns.map(({ role, content }) => ({ role, content }))
  return { text: new TextDecoder().decode(encodeCanonical(json)), form: 'turns' }
}

const dialogueOf = (text: string, form: PromptForm | undefined): readonly Turn[] =>
  form === 'turns' ? (JSON.parse(text) as Turn[]) : [{ role: 'user', content: text }]

type PromptForm = z.infer<typeof form>

/** Imported and generated prompts say alike how their text is to be read. */
const formOf = ({ event }: Recorded): PromptForm | undefined => outcomeOf(promptImported, event)?.form

/** The dialogues of prompts, in their order. */
export const dialoguesOf = async (
  texts: TextReader,
  prompts: readonly Recorded[],
): Promise<readonly (readonly Turn[])[]> =>
  (await texts.of(prompts)).map((text, k) => dialogueOf(text, formOf(prompts[k]!)))

/** One line that stands for a dialogue where there is little room. */
export const lastWords = (dialogue: readonly Turn[]): string => dialogue.at(-1)?.content ?? ''

export const promptItems = async (run: Run, events: readonly Recorded[]): Promise<readonly PromptItem[]> => {
  const texts = await run.texts.of(events)
  const occurrences = new Occurrences()
  return events.map((event, k) => {
    const subject = textOf(event).digest
    return {
      id: event.id,
      subject,
      i: occurrences.next(subject),
      dialogue: dialogueOf(texts[k]!, formOf(event)),
    }
  })
}

/** Ids of the members of a set, in its order, from the record alone: stages wait for no projection. */
export const membersOf = async (run: Run, set: EventId): Promise<readonly EventId[]> => {
  const ids: EventId[] = []
  for await (const id of setMembers(set, (wanted) => run.memo.events(wanted))) ids.push(id)
  return ids
}

export const promptsOfSet = async (run: Run, set: EventId): Promise<readonly PromptItem[]> =>
  promptItems(run, await eventsOf(run, await membersOf(run, set)))

export const succeeded = (event: Recorded): boolean => event.event.out.status === 'ok'
