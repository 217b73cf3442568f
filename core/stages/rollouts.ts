import { type EventId, type Json, maxInlineBytes, type Question, type Recorded } from '../../events/event.ts'
import { hansardBy, recipeOf, recordEvent } from '../../events/identity.ts'
import { orderKey, seedOf } from '../../events/place.ts'
import { numFrom, numOf } from '../../events/texts.ts'
import { rewardScored, rolloutDrawn } from '../../events/vocabulary/reinforcement.ts'
import { writeFloat32 } from '../../lineage/attribution/features.ts'
import { type Head, rewardOf } from '../../lineage/attribution/head.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import type { DrawnRollout, RolloutRequest } from '../../plugins/api.ts'
import { textRecord } from '../ask.ts'
import { ascendingBy, Occurrences } from '../places.ts'
import type { PromptItem } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import type { RlSettings } from '../settings.ts'
import { ok, type Stage } from '../stage.ts'
import { storedTokens, tokensOf } from './rollout-tokens.ts'

/** One rollout as it is asked for. */
export interface RolloutPlace {
  readonly prompt: PromptItem
  readonly group: number
  readonly i: number
  readonly seed: number
}

/** What RL draws its prompts from. */
export interface PromptPools {
  readonly redTeam: readonly PromptItem[]
  readonly helpful: readonly PromptItem[]
}

/**
 * The rollouts of one step, in item order: groups of one prompt each. Prompts come from their pool in epochs, each
 * epoch ordered by its own places' digests.
 */
export const rolloutPlaces = (
  runSeed: number,
  pools: PromptPools,
  training: RlSettings,
  step: number,
): readonly RolloutPlace[] => {
  const { prompts_per_step: prompts, group } = training
  const share = pools.helpful.length === 0 ? 1 : pools.redTeam.length === 0 ? 0 : training.red_team_share
  const fromRedTeam = Math.round(prompts * share)
  const chosen = [
    ...taken(runSeed, pools.redTeam, (step - 1) * fromRedTeam, fromRedTeam),
    ...taken(runSeed, pools.helpful, (step - 1) * (prompts - fromRedTeam), prompts - fromRedTeam),
  ]
  const occurrences = new Occurrences()
  return chosen.flatMap((prompt, g) => {
    const first = occurrences.next(prompt.subject) * group
    return Array.from({ length: group }, (_, n): RolloutPlace => ({
      prompt,
      group: g,
      i: first + n,
      seed: seedOf(runSeed, 'rollout.drawn', prompt.subject, step, first + n),
    }))
  })
}

const epochs = new WeakMap<
  readonly PromptItem[],
  { readonly epoch: number; readonly ordered: readonly PromptItem[] }
>()

/** Items start … start+count−1 of the endless list of epochs. */
const taken = (
  runSeed: number,
  pool: readonly PromptItem[],
  start: number,
  count: number,
): readonly PromptItem[] =>
  Array.from({ length: pool.length === 0 ? 0 : count }, (_, n) => {
    const at = start + n
    return epochOf(runSeed, pool, Math.floor(at / pool.length))[at % pool.length]!
  })

const epochOf = (runSeed: number, pool: readonly PromptItem[], epoch: number): readonly PromptItem[] => {
  const known = epochs.get(pool)
  if (known?.epoch === epoch) return known.ordered
  const ordered = ascendingBy(pool, ({ subject, i }) => orderKey(runSeed, 'reinforcement', subject, epoch, i))
  epochs.set(pool, { epoch, ordered })
  return ordered
}

/** A step's rollouts under one policy, as questions to the record. */
export const rolloutQuestions = (
  run: Run,
  training: RlSettings,
  policy: EventId,
  step: number,
  places: readonly RolloutPlace[],
): readonly Question[] =>
  places.map(({ prompt, i, seed }) => ({
    type: rolloutDrawn.type,
    by: run.cast.model.by,
    params: { temperature: training.temperature, max_tokens: training.max_tokens },
    parents: [
      { role: 'policy', id: policy },
      { role: 'prompt', id: prompt.id },
    ],
    draw: { subject: prompt.subject, round: step, i, seed },
  }))

/** The requests of a step, each with what was recorded under its recipe before. */
export const rolloutRequests = async (
  run: Run,
  questions: readonly Question[],
  places: readonly RolloutPlace[],
): Promise<readonly RolloutRequest[]> => {
  const known = await run.memo.answers(questions.map((question) => recipeOf(question)))
  const recorded = known.filter((event) => event !== undefined)
  const texts = await run.texts.of(recorded)
  const tokens = await Promise.all(recorded.map((event) => tokensOf(run.blobs, event)))
  let t = 0
  return places.map(({ prompt, group, seed }, k) => {
    const request = { id: String(k), group, dialogue: prompt.dialogue, seed }
    if (known[k] === undefined) return request
    return { ...request, recorded: { text: texts[t]!, ...tokens[t++]! } }
  })
}

/** Records a step's rollouts, in item order. */
export const recordRollouts = async (
  stage: Stage,
  questions: readonly Question[],
  rollouts: readonly DrawnRollout[],
): Promise<readonly Recorded[]> => {
  const stored = await Promise.all(rollouts.map((rollout) => storedTokens(stage.run.blobs, rollout)))
  return stage.state(
    rolloutDrawn,
    rollouts.map(({ text, finish, tokenIds }, k) => {
      const record = textRecord(text)
      const { type: _, ...question } = questions[k]!
      return {
        ...question,
        out: ok({ text: { ...record.ref }, finish, tokens: tokenIds.length, ...stored[k]! }),
        texts: [record],
      }
    }),
  )
}

export const rewardQuestion = (model: EventId, answer: Recorded): Question => ({
  type: rewardScored.type,
  by: hansardBy,
  params: { mode: 'preference_model' },
  parents: [
    { role: 'answer', id: answer.id },
    { role: 'preference_model', id: model },
  ],
  draw: { subject: answer.event.draw.subject, round: answer.event.draw.round, i: answer.event.draw.i },
})

/**
 * Scores answers by the head of a preference model and records the rewards, in the order of the answers. An answer that
 * was rewarded before keeps that reward, also where inexact features would give another one now.
 */
export const recordRewards = async (
  stage: Stage,
  model: EventId,
  head: Head,
  answers: readonly Recorded[],
  features: readonly Float32Array[],
): Promise<{ readonly events: readonly Recorded[]; readonly values: readonly number[] }> => {
  const stored = await Promise.all(features.map((vector) => stored32(stage.run, writeFloat32(vector))))
  const events = await stage.run.recordAll(
    answers.map((answer, k) =>
      recordEvent(rewardScored, {
        ...rewardQuestion(model, answer),
        out: { status: 'ok', value: numOf(rewardOf(head, features[k]!)), ...stored[k]! },
      }),
    ),
  )
  for (const event of events) stage.use(event)
  return { events, values: events.map(({ event }) => numFrom(outcomeOf(rewardScored, event)!.value)) }
}

/** Features stand in the event where they are few, else in a blob. */
const stored32 = async (run: Run, bytes: Uint8Array): Promise<{ readonly [field: string]: Json }> =>
  bytes.length <= maxInlineBytes
    ? { features: Buffer.from(bytes).toString('base64') }
    : { features_blob: { ...(await run.blobs.put(bytes)) } }
