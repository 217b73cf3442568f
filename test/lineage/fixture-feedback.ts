import type { EventId, Recorded } from '../../events/event.ts'
import { hansardBy } from '../../events/identity.ts'
import { seedOf } from '../../events/place.ts'
import { drawPrinciple } from '../../events/rendezvous.ts'
import { labelAssigned, pairFormed } from '../../events/vocabulary/feedback.ts'
import {
  checkpointSaved,
  featuresComputed,
  trainStarted,
  trainStepped,
} from '../../events/vocabulary/training.ts'
import { fitHead } from '../../lineage/attribution/bradley-terry.ts'
import { differencesOf, fitScale, writeFloat32 } from '../../lineage/attribution/features.ts'
import { digestOfHead, encodeHead, type Head } from '../../lineage/attribution/head.ts'
import { probabilityFirst } from '../../lineage/attribution/targets.ts'
import { ok } from './fixture-recorder.ts'
import type { FixtureContext } from './fixture-run.ts'
import { type Answer, by, draw, type Policy, type Prompt, type Prompts } from './fixture-supervised.ts'
import { chance, dimensions, featuresOf, harmOf, helpOf, share } from './fixture-words.ts'

/** A label with both answers of its pair. */
export interface Labelled {
  readonly label: Recorded
  readonly answers: readonly [Answer, Answer]
}

export interface Preference {
  readonly event: EventId
  readonly head: Head
}

interface Pair {
  readonly event: Recorded
  readonly prompt: Prompt
  readonly i: number
  readonly answers: readonly [Answer, Answer]
}

/** Pairs on the prompts in turn; the k-th pair of a text has the samples 2k and 2k+1. */
const pairs = (
  context: FixtureContext,
  prompts: readonly Prompt[],
  policy: Policy,
  count: number,
): readonly Pair[] => {
  const seen = new Map<string, number>()
  return Array.from({ length: count }, (_, n) => {
    const prompt = prompts[n % prompts.length]!
    const i = seen.get(prompt.subject) ?? 0
    seen.set(prompt.subject, i + 1)
    const answers = [draw(context, prompt, policy, 2 * i), draw(context, prompt, policy, 2 * i + 1)] as const
    const event = context.recorder.record(pairFormed, {
      by: hansardBy,
      params: {},
      parents: [
        { role: 'prompt', id: prompt.event.id },
        ...answers.map(({ event: sample }) => ({ role: 'sample', id: sample.id })),
      ],
      draw: { subject: prompt.subject, round: 0, i },
      out: ok(),
    })
    return { event, prompt, i, answers }
  })
}

/** AI labels: one principle drawn for each pair, both orders, now and then a failure. */
export const label = (context: FixtureContext, prompts: Prompts, policy: Policy): readonly Labelled[] => {
  const { recorder, settings, principles } = context
  const keys = principles.map(({ key }) => key)
  const labels: Labelled[] = []
  for (const pair of pairs(context, prompts.redTeam, policy, settings.pairs)) {
    const key = drawPrinciple(settings.seed, 'label', pair.prompt.subject, 0, pair.i, keys)
    const event = recorder.record(labelAssigned, {
      by,
      params: { method: 'choice_logprobs', orders: ['ab', 'ba'] },
      parents: [
        { role: 'pair', id: pair.event.id },
        { role: 'policy', id: context.model.id },
        { role: 'principle', id: principles.find((one) => one.key === key)!.event.id },
      ],
      draw: { subject: pair.prompt.subject, round: 0, i: pair.i },
      out:
        chance('label fails', pair.prompt.subject, pair.i) % 16 === 0
          ? { status: 'failed', reason: 'no_mass_on_choices', mass: 0.001 }
          : ok({
              orders: [
                evidence(pair, settings.principles[key]!, 0),
                evidence(pair, settings.principles[key]!, 1),
              ],
            }),
    })
    if (event.event.out.status === 'ok') labels.push({ label: event, answers: pair.answers })
  }
  recorder.set(
    'comparisons',
    labels.map((one) => one.label),
  )
  return labels
}

/** Log-probabilities of one order: less harm is better, and each principle weighs it in its own way. */
const evidence = ({ answers }: Pair, wording: string, side: 0 | 1) => {
  const [first, second] = side === 0 ? answers : [answers[1], answers[0]]
  const weight = 2 * share('weight', wording) - 0.6
  const taste = (answer: Answer) => -weight * harmOf(answer.text) + share('taste', wording, answer.text)
  const margin = 1.5 * (taste(first) - taste(second)) + 0.2 * side
  return { first: first.event.id, logprob_first_nats: -1 + margin / 2, logprob_second_nats: -1 - margin / 2 }
}

/** Helpfulness comparisons by simulated raters: labels without a principle. */
export const compare = (context: FixtureContext, prompts: Prompts, policy: Policy): readonly Labelled[] => {
  const { recorder, settings } = context
  const labels = pairs(context, prompts.helpful, policy, settings.comparisons).map((pair): Labelled => {
    const { subject } = pair.prompt
    const seed = seedOf(settings.seed, 'label.assigned', subject, 0, pair.i)
    const [first, second] = pair.answers.map(({ text }) => helpOf(text)) as [number, number]
    const probability = first === second ? 0.5 : first > second ? 0.875 : 0.125
    const event = recorder.record(labelAssigned, {
      by: { ...by, plugin: 'fixture-raters' },
      params: { method: 'simulated_raters', orders: ['ab'], question: 'helpful' },
      parents: [{ role: 'pair', id: pair.event.id }],
      draw: { subject, round: 0, i: pair.i, seed },
      out: ok({
        preferred: share('rater', seed) < probability ? 'first' : 'second',
        probability_first: probability,
      }),
    })
    return { label: event, answers: pair.answers }
  })
  recorder.set(
    'comparisons',
    labels.map((one) => one.label),
  )
  return labels
}

/** The head, really fitted to the labels. */
export const fitPreference = (
  context: FixtureContext,
  trunk: Policy,
  labels: readonly Labelled[],
): Preference => {
  const { recorder } = context
  const set = recorder.set(
    'comparisons',
    labels.map((one) => one.label),
  )
  const values = new Float32Array(labels.length * 2 * dimensions)
  for (const [k, { answers }] of labels.entries())
    for (const [side, { prompt, text }] of answers.entries())
      values.set(featuresOf(prompt.text, text), (2 * k + side) * dimensions)
  const features = recorder.record(featuresComputed, {
    by,
    params: { pooling: 'mean' },
    parents: [
      { role: 'policy', id: trunk.event },
      { role: 'set', id: set },
    ],
    draw: { subject: 'features.computed', round: 0, i: 0 },
    out: ok({ blob: recorder.blob(writeFloat32(values)), comparisons: labels.length, dimensions }),
  })
  const scale = fitScale(values, dimensions)
  const zero: Head = { dimensions, pooling: 'mean', lambda: 1, scale, theta: new Float64Array(dimensions) }
  const place = { subject: 'preference', round: 0, i: 0 }
  const started = recorder.record(trainStarted, {
    by: hansardBy,
    params: { method: 'preference', settings: { lambda: 1, target: 'soft' } },
    parents: [
      { role: 'policy', id: trunk.event },
      { role: 'set', id: set },
    ],
    draw: place,
    out: ok({ weights: digestOfHead(zero) }),
  })
  const { theta, lossNats, gradientNorm, iterations } = fitHead({
    differences: differencesOf(values, scale),
    targets: Float64Array.from(labels, (one) => probabilityFirst(one.label.event, one.answers[0].event.id)),
    lambda: 1,
  })
  const head: Head = { ...zero, theta }
  const stepped = recorder.record(trainStepped, {
    by: hansardBy,
    params: { step: 1, start: 0, count: labels.length },
    parents: [
      { role: 'after', id: started.id },
      { role: 'features', id: features.id },
      { role: 'set', id: set },
    ],
    draw: { ...place, round: 1 },
    out: ok({
      loss_nats: lossNats,
      learning_rate: 0,
      gradient_norm: gradientNorm,
      tokens: 0,
      iterations,
      weights: digestOfHead(head),
    }),
  })
  const saved = recorder.record(checkpointSaved, {
    by: hansardBy,
    params: { kind: 'preference_model' },
    parents: [{ role: 'step', id: stepped.id }],
    draw: { ...place, round: 1 },
    out: ok({ blob: recorder.blob(encodeHead(head)), weights: digestOfHead(head) }),
  })
  return { event: saved.id, head }
}
