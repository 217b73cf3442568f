import type { Recorded } from '../../events/event.ts'
import { recipeOf } from '../../events/identity.ts'
import { decodeHead } from '../../lineage/attribution/head.ts'
import { isFailure } from '../../plugins/api.ts'
import { openPolicy } from '../policies.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import { dialoguesOf, membersOf } from '../prompt-items.ts'
import type { Stage } from '../stage.ts'
import type { Preference } from './preference.ts'
import { recordRewards, rewardQuestion } from './rollouts.ts'

/** Gives both answers of every comparison their reward, where the run asks for it: there is then no RL to do so. */
export const scorePairs = async (stage: Stage, preference: Preference): Promise<void> => {
  const { run } = stage
  const { preference: settings } = run.settings
  if (settings === false || !settings.score_pairs) return
  const labels = await eventsOf(run, [
    ...(await membersOf(run, preference.comparisons)),
    ...(preference.heldOut === undefined ? [] : await membersOf(run, preference.heldOut)),
  ])
  const pairs = await eventsOf(run, [...new Set(labels.map((label) => theParent(label, 'pair')))])
  const answers = await eventsOf(run, [
    ...new Set(
      pairs.flatMap(({ event }) => event.parents.filter(({ role }) => role === 'sample').map(({ id }) => id)),
    ),
  ])
  const prompts = await eventsOf(
    run,
    answers.map((answer) => theParent(answer, 'prompt')),
  )
  const texts = await run.texts.of(answers)
  const dialogues = await dialoguesOf(run.texts, prompts)
  const policy = await openPolicy(run, preference.trunk)
  const head = decodeHead(await run.blobs.get(preference.blob))
  const remembered = await rememberedRewards(stage, preference, answers)
  const missing = answers.flatMap((_, k) => (remembered[k] ? [] : [k]))
  run.modelCalls += missing.length
  const features = new Map<number, Float32Array>()
  const requests = missing.map((k) => ({
    dialogue: dialogues[k]!,
    answer: texts[k]!,
  }))
  let done = remembered.length - missing.length
  for await (const { index, answer } of policy.embed(requests, run.signal)) {
    if (!isFailure(answer)) features.set(missing[index]!, answer.features)
    stage.progress(++done, answers.length, 'answers')
  }
  await run.unlessStopped()
  const scored = missing.filter((k) => features.has(k))
  await recordRewards(
    stage,
    preference.model,
    head,
    scored.map((k) => answers[k]!),
    scored.map((k) => features.get(k)!),
  )
}

const rememberedRewards = async (stage: Stage, preference: Preference, answers: readonly Recorded[]) => {
  const known = await stage.run.memo.answers(
    answers.map((answer) => recipeOf(rewardQuestion(preference.model, answer))),
  )
  for (const event of known) if (event) stage.use(event)
  return known
}
