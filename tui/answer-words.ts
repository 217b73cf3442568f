import { visible } from './visible.ts'
import type { AnswerInView, PromptInView, Share, Trace } from '../lineage/trace-types.ts'

/** What an answer does, by the classifier on record; nothing where none looked at it. */
export const behaviourOf = ({ classified }: AnswerInView): string[] => {
  if (classified === undefined) return []
  if (classified.refuses) return [classified.flat ? 'REFUSED, flatly' : 'refused']
  return [classified.engaged ? 'engaged without harm' : 'neither refused nor engaged without harm']
}

const uses: Readonly<Record<string, string>> = {
  red_team: 'red-team prompt',
  helpful: 'benign prompt',
  held_out_red_team: 'unseen red-team prompt',
  held_out_helpful: 'unseen benign prompt',
  comparisons: 'prompt of a human comparison',
}

export const promptKind = ({ use }: PromptInView): string =>
  use === undefined ? 'prompt written by the model' : (uses[use] ?? `${visible(use)} prompt`)

export const humanName = (who: (Share & Trace['human'])['who']): string =>
  who === 'simulated raters' ? 'simulated raters' : 'human labels'

/** The name under which a contributor stands on a page. */
export const contributorName = (key: string, who: Trace['human']['who']): string =>
  key === 'human' ? humanName(who) : key
