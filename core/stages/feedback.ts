import type { EventId, Recorded } from '../../events/event.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'
import { numFrom, numOf } from '../../events/texts.ts'
import { labelAssigned } from '../../events/vocabulary/feedback.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import type { Choice } from '../../plugins/api.ts'
import { ask } from '../ask.ts'
import { Occurrences } from '../places.ts'
import { openPolicy, type PolicyRef } from '../policies.ts'
import { lastWords, promptsOfSet, succeeded } from '../prompt-items.ts'
import { isUnasked } from '../rehearsal.ts'
import type { Stage } from '../stage.ts'
import { chooseOrders, type OrdersChosen } from './choose-orders.ts'
import { formPairs, promptsFor } from './pairs.ts'
import type { Prompts } from './prompts.ts'
import type { Published } from './publish.ts'
import { type FeedbackSettings, type LabelWanted, type Order, reasonAbout } from './reasoning.ts'

/** Labels of one kind, as a set; undefined where there are none. */
export interface Labels {
  readonly labels: EventId | undefined
}

/**
 * Section 4.1 of the paper: the feedback model compares the answers of each pair under a principle drawn for it (or
 * under every one, as an ensemble), in both orders. What is recorded is the raw evidence, both log-probabilities.
 */
export const labelPairs = async (
  stage: Stage,
  published: Published,
  prompts: Prompts,
  policy: PolicyRef,
): Promise<Labels> => {
  const { run } = stage
  const settings = run.settings.feedback
  if (settings === false || prompts.redTeam === undefined) return { labels: undefined }
  const redTeam = await promptsOfSet(run, prompts.redTeam)
  const keys = published.principles.map(({ key }) => key)
  const labelsEach = settings.principles === 'ensemble' ? keys.length : 1
  const total = settings.pairs * (2 + labelsEach)
  const wanted = promptsFor(run.seed, 'feedback', redTeam, settings.pairs)
  const wave = Math.max(1, run.cast.model.batch)
  const occurrences = new Occurrences()
  const labels: Recorded[] = []
  for (let start = 0; start < wanted.length; start += wave) {
    const part = wanted.slice(start, start + wave)
    const done = start * (2 + labelsEach)
    const pairs = await formPairs(
      stage,
      part.map((prompt) => ({
        prompt,
        by: [policy, policy],
        temperatures: [settings.temperature, settings.temperature],
      })),
      settings.max_tokens,
      occurrences,
      { before: done, total },
    )
    const labelled = pairs.flatMap((pair): LabelWanted[] =>
      settings.principles === 'ensemble'
        ? keys.map((key) => ({ pair, key }))
        : [{ pair, key: drawPrinciple(run.seed, 'label', pair.prompt.subject, 0, pair.i, keys) }],
    )
    const before = done + 2 * part.length
    labels.push(
      ...(await labelPart(stage, published, settings, labelled, { before, total, first: start === 0 })),
    )
  }
  const good = labels.filter((label) => succeeded(label) || isUnasked(label))
  return {
    labels:
      good.length === 0
        ? undefined
        : await stage.form(
            'comparisons',
            good.map(({ id }) => id),
          ),
  }
}

const labelPart = async (
  stage: Stage,
  published: Published,
  settings: FeedbackSettings,
  wanted: readonly LabelWanted[],
  progress: { readonly before: number; readonly total: number; readonly first: boolean },
): Promise<readonly Recorded[]> => {
  const { run } = stage
  const { judge, constitution } = run.cast
  const policy = await openPolicy(run, { event: published.judge }, judge)
  const principleId = new Map(published.principles.map(({ key, id }) => [key, id]))
  const principleOf = new Map(constitution.principles.map((principle) => [principle.key, principle]))
  const part =
    settings.reasoning && judge.reasons ? await reasonAbout(stage, published, settings, wanted) : wanted

  const choice = ({ pair, key, reasons }: LabelWanted, order: Order): Choice => {
    const [a, b] = pair.texts
    const reasoning = reasons?.get(order)?.text
    return {
      dialogue: pair.prompt.dialogue,
      answers: order === 'ab' ? [a, b] : [b, a],
      principle: principleOf.get(key),
      ...(reasoning === undefined ? {} : { reasoning }),
    }
  }
  let exhibited = !progress.first
  return ask(stage, {
    definition: labelAssigned,
    unit: 'samples and labels',
    model: true,
    before: progress.before,
    total: progress.total,
    asks: part.map((label) => ({
      question: {
        by: judge.by,
        params: { method: 'choice_logprobs', orders: settings.orders },
        parents: [
          { role: 'pair', id: label.pair.event.id },
          { role: 'policy', id: published.judge },
          { role: 'principle', id: principleId.get(label.key)! },
          ...settings.orders.flatMap((order) => {
            const reasoning = label.reasons?.get(order)
            return reasoning ? [{ role: 'reasoning', id: reasoning.id }] : []
          }),
        ],
        draw: { subject: label.pair.prompt.subject, round: 0, i: label.pair.i },
      },
      request: settings.orders.map((order) => choice(label, order)),
    })),
    put: (requests, signal) => chooseOrders(policy, requests, signal),
    given: (answers: OrdersChosen, k) => ({
      out: {
        orders: answers.orders.map(({ first, second }, o) => {
          const order = settings.orders[o]!
          const { pair, reasons } = part[k]!
          const [a, b] = pair.samples
          const reasoning = reasons?.get(order)
          return {
            first: (order === 'ab' ? a : b).id,
            logprob_first_nats: numOf(first),
            logprob_second_nats: numOf(second),
            ...(reasoning ? { reasoning: reasoning.id } : {}),
          }
        }),
      },
    }),
    seen: (event, k) => {
      if (exhibited || !succeeded(event)) return
      exhibited = true
      exhibitLabel(stage, part[k]!, event)
    },
  })
}

const exhibitLabel = (stage: Stage, { pair, key }: LabelWanted, label: Recorded): void => {
  const principle = stage.run.cast.constitution.principles.find((one) => one.key === key)
  const { orders = [] } = outcomeOf(labelAssigned, label.event)!
  stage.exhibit('the first label', [
    `prompt     ${lastWords(pair.prompt.dialogue)}`,
    `first      ${pair.texts[0]}`,
    `second     ${pair.texts[1]}`,
    `principle  ${key}: ${principle?.preference ?? ''}`,
    ...orders.map(({ first, logprob_first_nats, logprob_second_nats }) => {
      const straight = first === pair.samples[0].id
      const [a, b] = straight
        ? [logprob_first_nats, logprob_second_nats]
        : [logprob_second_nats, logprob_first_nats]
      return `${straight ? 'shown 1, 2' : 'shown 2, 1'} log p(first) ${numFrom(a).toFixed(3)} · log p(second) ${numFrom(b).toFixed(3)} nats`
    }),
  ])
}
