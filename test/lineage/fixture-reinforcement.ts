import type { EventId, Recorded } from '../../events/event.ts'
import { seedOf } from '../../events/place.ts'
import { comparisonMade, harmScored, refusalClassified } from '../../events/vocabulary/evaluation.ts'
import { rewardScored, rolloutDrawn } from '../../events/vocabulary/reinforcement.ts'
import { trainStarted } from '../../events/vocabulary/training.ts'
import { writeFloat32 } from '../../lineage/attribution/features.ts'
import { rewardOf } from '../../lineage/attribution/head.ts'
import type { Preference } from './fixture-feedback.ts'
import { ok } from './fixture-recorder.ts'
import type { FixtureContext } from './fixture-run.ts'
import {
  type Answer,
  base,
  by,
  draw,
  type Policy,
  type Prompt,
  type Prompts,
  publishPolicy,
  train,
} from './fixture-supervised.ts'
import { answerOf, featuresOf, harmOf, helpOf, refusal } from './fixture-words.ts'
import { sha256Hex } from '../../events/canonical.ts'

const groupSize = 4

export interface Snapshot {
  readonly name: string
  readonly policy: Policy
}

/** RL: each step rolls out groups, scores them, and steps on their advantages. The last step is published. */
export const reinforce = (
  context: FixtureContext,
  prompts: Prompts,
  supervised: Policy,
  preference: Preference,
): readonly Snapshot[] => {
  const { recorder, settings } = context
  const started = recorder.record(trainStarted, {
    by,
    params: { method: 'rl', settings: { group: groupSize, beta: 0.2 } },
    parents: [
      { role: 'policy', id: supervised.event },
      { role: 'preference_model', id: preference.event },
    ],
    draw: { subject: 'RL-CAI', round: 0, i: 0 },
    out: ok({ weights: sha256Hex('weights rl 0') }),
  })
  const all = [...prompts.redTeam, ...prompts.helpful]
  const last = train(context, 'RL-CAI', started.id, settings.steps, (step, after) => {
    const policy: Policy = { event: after, kindness: 0.5 + (0.4 * step) / settings.steps }
    const chosen = Array.from(
      { length: settings.groups },
      (_, g) => all[((step - 1) * settings.groups + g) % all.length]!,
    )
    const scored = chosen.flatMap((prompt) => rollOutGroup(context, prompt, policy, step, preference))
    const set = recorder.set(
      'rewards',
      scored.map(({ event }) => event),
    )
    return {
      set,
      start: 0,
      count: scored.length,
      out: { kl_nats: 0.1 * step, kls_nats: scored.map(() => 0.1 * step), advantages: advantages(scored) },
    }
  })
  publishPolicy(context, 'RL-CAI 4', last)
  return [
    { name: 'base', policy: base(context) },
    { name: 'SL-CAI', policy: supervised },
    { name: 'RL-CAI', policy: { event: last.step, kindness: 0.9 } },
  ]
}

interface Scored {
  readonly event: Recorded
  readonly value: number
}

const rollOutGroup = (
  context: FixtureContext,
  prompt: Prompt,
  policy: Policy,
  step: number,
  preference: Preference,
): readonly Scored[] =>
  Array.from({ length: groupSize }, (_, i) => {
    const { recorder, settings } = context
    const { subject } = prompt
    const seed = seedOf(settings.seed, 'rollout.drawn', subject, step, i)
    const text = answerOf(policy.kindness, 'rollout', policy.event, subject, seed)
    const rollout = recorder.record(rolloutDrawn, {
      by,
      params: { temperature: 1, max_tokens: 40 },
      parents: [
        { role: 'policy', id: policy.event },
        { role: 'prompt', id: prompt.event.id },
      ],
      draw: { subject, round: step, i, seed },
      out: ok({
        text: recorder.text(text),
        finish: 'stop',
        tokens: 2,
        token_ids: Buffer.from(Uint32Array.of(7, 1).buffer).toString('base64'),
        logprobs_nats: Buffer.from(writeFloat32(Float32Array.of(-0.5, -0.25))).toString('base64'),
      }),
    })
    const features = featuresOf(prompt.text, text)
    const value = rewardOf(preference.head, features)
    const event = recorder.record(rewardScored, {
      by,
      params: { mode: 'preference_model' },
      parents: [
        { role: 'answer', id: rollout.id },
        { role: 'preference_model', id: preference.event },
      ],
      draw: { subject, round: step, i },
      out: ok({ value, features: Buffer.from(writeFloat32(features)).toString('base64') }),
    })
    return { event, value }
  })

/** Reward minus the mean of its group, in item order. */
const advantages = (scored: readonly Scored[]): readonly number[] =>
  scored.map(({ value }, k) => {
    const start = k - (k % groupSize)
    const group = scored.slice(start, start + groupSize)
    return value - group.reduce((sum, one) => sum + one.value, 0) / group.length
  })

/** Every snapshot answers every prompt once; answers are measured, classed and compared with the snapshot before. */
export const evaluate = (context: FixtureContext, prompts: Prompts, snapshots: readonly Snapshot[]): void => {
  let before: ReadonlyMap<EventId, Answer> | undefined
  for (const { policy } of snapshots) {
    const answers = [...prompts.redTeam, ...prompts.helpful].map((prompt) =>
      draw(context, prompt, policy, 1_000 + prompt.i),
    )
    for (const answer of answers) {
      measure(context, answer)
      const other = before?.get(answer.prompt.event.id)
      if (other !== undefined) prefer(context, other, answer)
    }
    before = new Map(answers.map((answer) => [answer.prompt.event.id, answer]))
  }
}

const measure = (context: FixtureContext, { prompt, event, text }: Answer): void => {
  const { recorder } = context
  const { subject, i } = event.event.draw
  const act = {
    by,
    params: { scorer: 'fixture' },
    parents: [
      { role: 'answer', id: event.id },
      { role: 'prompt', id: prompt.event.id },
    ],
    draw: { subject, round: 0, i },
  }
  recorder.record(harmScored, { ...act, out: ok({ scores: { harm: harmOf(text), help: helpOf(text) } }) })
  const refuses = text === refusal
  recorder.record(refusalClassified, {
    ...act,
    out: ok({ refuses, flat: refuses, engaged: harmOf(text) === 0 && helpOf(text) > 0 }),
  })
}

const prefer = (context: FixtureContext, first: Answer, second: Answer): void => {
  const { subject, i } = second.event.event.draw
  const difference = harmOf(second.text) - harmOf(first.text)
  context.recorder.record(comparisonMade, {
    by,
    params: { question: 'harmless' },
    parents: [
      { role: 'prompt', id: second.prompt.event.id },
      { role: 'sample', id: first.event.id },
      { role: 'sample', id: second.event.id },
    ],
    draw: { subject, round: 0, i },
    out: ok({ preferred: difference === 0 ? 'tie' : difference > 0 ? 'first' : 'second' }),
  })
}
