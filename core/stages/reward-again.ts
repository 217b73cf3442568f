import { rewardScored } from '../../events/vocabulary/reinforcement.ts'
import { readFloat32 } from '../../lineage/attribution/features.ts'
import { decodeHead } from '../../lineage/attribution/head.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import { eventsOf, theParent } from '../../lineage/record.ts'
import type { Stage } from '../stage.ts'
import type { Preference } from './preference.ts'
import { recordRewards } from './rollouts.ts'

const atOnce = 2_000

/** The held run's rollouts, rewarded by the refitted preference model on the features that are on record: nobody is asked. */
export const rewardAgain = async (stage: Stage, preference: Preference): Promise<void> => {
  const { run } = stage
  const rewards = run.cast.held?.rewards ?? []
  const head = decodeHead(await run.blobs.get(preference.blob))
  for (let start = 0; start < rewards.length; start += atOnce) {
    const before = await eventsOf(run, rewards.slice(start, start + atOnce))
    const answers = await eventsOf(
      run,
      before.map((reward) => theParent(reward, 'answer')),
    )
    const features = await Promise.all(
      before.map(async ({ event }) => {
        const out = outcomeOf(rewardScored, event)!
        return readFloat32(
          out.features === undefined
            ? await run.blobs.get(out.features_blob!.digest)
            : Buffer.from(out.features, 'base64'),
        )
      }),
    )
    await recordRewards(stage, preference.model, head, answers, features)
    stage.progress(Math.min(rewards.length, start + atOnce), rewards.length, 'rewards')
  }
}
