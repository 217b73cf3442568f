import type { EventId } from '../events/event.ts'
import { human } from './attribution/labelled-comparisons.ts'
import { strongestLabels, type Explained, type ExplainedModel } from './attribution/explained-model.ts'
import { probabilityFirst, votesOf } from './attribution/targets.ts'
import { promptsInView } from './answers-in-view.ts'
import { eventsOf, parentsOf, textsOf, theParent, type RecordAccess } from './record.ts'
import type { StrongLabel } from './trace-types.ts'

/** Labels of each contributor that are shown with their texts. */
const shownEach = 3

/**
 * The labels that add most to a difference, the first few of each contributor, with both answers' texts.
 * @param toward `share`: in the direction of their contributor's share; `answer`: only those in the answer's favour
 */
export const strongestInView = async (
  access: RecordAccess,
  explainable: ExplainedModel,
  explained: Explained,
  u: Float64Array,
  toward: 'share' | 'answer' = 'share',
): Promise<readonly StrongLabel[]> => {
  const { model } = explainable
  const strongest = strongestLabels(explainable, explained, u, shownEach, toward).filter(
    ({ contribution }) => toward === 'share' || contribution > 0,
  )
  const labels = strongest.map(({ label }) => model.labels[label]!)
  const pairs = await eventsOf(
    access,
    labels.map((label) => theParent(label, 'pair')),
  )
  const samples = await eventsOf(
    access,
    pairs.flatMap((pair) => parentsOf(pair, 'sample')),
  )
  const [texts, prompts] = await Promise.all([
    textsOf(access, samples),
    promptsInView(
      access,
      pairs.map((pair) => theParent(pair, 'prompt')),
    ),
  ])
  return strongest.map(({ contributor, contribution }, at): StrongLabel => {
    const label = labels[at]!
    const first = samples[2 * at]!.id
    const probability = probabilityFirst(label.event, first)
    const orders = votesOf(label.event, first)
    const [chosen, rejected] =
      probability >= 0.5 ? [texts[2 * at]!, texts[2 * at + 1]!] : [texts[2 * at + 1]!, texts[2 * at]!]
    return {
      id: label.id,
      principle: model.contributors[contributor]!.key,
      probabilityFirst: probability,
      orders,
      ordersAgree: new Set(orders.map((vote) => vote.probabilityFirst >= 0.5)).size <= 1,
      chosen,
      rejected,
      prompt: prompts.get(theParent(pairs[at]!, 'prompt'))?.text ?? null,
      contribution,
    }
  })
}

/** How many labels each contributor gave on one prompt text, those without any left out. */
export const labelsOn = (
  { model }: ExplainedModel,
  subject: string,
): readonly { readonly contributor: string; readonly labels: number; readonly ids: readonly EventId[] }[] => {
  const ids = new Map<string, EventId[]>()
  model.labels.forEach(({ id, event }, label) => {
    if (event.draw.subject !== subject) return
    const contributor = model.contributors[model.comparisons.contributorOf[label]!]?.key ?? human
    const list = ids.get(contributor)
    if (list === undefined) ids.set(contributor, [id])
    else list.push(id)
  })
  return [...ids].map(([contributor, list]) => ({ contributor, labels: list.length, ids: list }))
}
