import type { EventId, Recorded } from '../../events/event.ts'
import { featuresComputed } from '../../events/vocabulary/training.ts'
import { readFloat32 } from '../../lineage/attribution/features.ts'
import { decodeHead } from '../../lineage/attribution/head.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { eventsOf, parentsOf, theParent } from '../../lineage/record.ts'
import { membersOf } from '../prompt-items.ts'
import type { Run } from '../run-context.ts'
import type { Stage } from '../stage.ts'
import type { Preference } from './preference.ts'
import { recordRewards } from './rollouts.ts'

/**
 * Gives both answers of every comparison their reward, where the run asks for it: there is then no RL to do so. Their
 * features are on record, so nobody is asked.
 */
export const scorePairs = async (stage: Stage, preference: Preference): Promise<void> => {
  const { run } = stage
  const { preference: settings } = run.settings
  if (settings === false || !settings.score_pairs) return
  const head = decodeHead(await run.blobs.get(preference.blob))
  const features = new Map<EventId, Float32Array>()
  for (const computed of await eventsOf(run, preference.features))
    for (const [answer, vector] of await featuresByAnswer(run, computed)) features.set(answer, vector)
  const answers = await eventsOf(run, [...features.keys()])
  await recordRewards(stage, preference.model, head, answers, [...features.values()])
  stage.progress(answers.length, answers.length, 'rewards')
}

/** The features of each answer of the pairs that they were computed for. */
const featuresByAnswer = async (
  run: Run,
  computed: Recorded,
): Promise<readonly (readonly [EventId, Float32Array])[]> => {
  const { blob, dimensions, failed = [] } = outcomeOf(featuresComputed, computed.event)!
  const absent = new Set(failed)
  const values = readFloat32(await run.blobs.get(blob.digest))
  const pairs = await eventsOf(run, await membersOf(run, theParent(computed, 'set')))
  return pairs.flatMap((pair, k) =>
    absent.has(k)
      ? []
      : parentsOf(pair, 'sample').map((answer, side) => {
          const at = (2 * k + side) * dimensions
          return [answer, values.subarray(at, at + dimensions)] as const
        }),
  )
}
