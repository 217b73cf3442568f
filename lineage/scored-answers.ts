import type { EventId, Recorded } from '../events/event.ts'
import { numFrom } from '../events/texts.ts'
import { rewardScored } from '../events/vocabulary/reinforcement.ts'
import { readFloat32 } from './attribution/features.ts'
import { outcomeOf } from './outcome.ts'
import { eventsOf, theParent, type RecordAccess } from './record.ts'

/** A reward with what it was computed from. */
export interface ScoredAnswer {
  readonly reward: Recorded
  readonly value: number
  /** The answer that was scored. */
  readonly answer: EventId
  /** Features of the answer by the preference model's trunk; undefined where the reward is of another mode. */
  readonly features: Float32Array | undefined
}

/** Rewards by id with their features, in the order asked; failed ones are left out. */
export const scoredAnswers = async (
  access: RecordAccess,
  ids: readonly EventId[],
): Promise<readonly ScoredAnswer[]> => {
  const rewards = await eventsOf(access, ids)
  const scored = await Promise.all(rewards.map((reward) => scoredAnswer(access, reward)))
  return scored.filter((one) => one !== undefined)
}

const scoredAnswer = async (access: RecordAccess, reward: Recorded): Promise<ScoredAnswer | undefined> => {
  const out = reward.event.type === rewardScored.type ? outcomeOf(rewardScored, reward.event) : undefined
  if (out === undefined) return undefined
  const bytes =
    out.features !== undefined
      ? Buffer.from(out.features, 'base64')
      : out.features_blob !== undefined
        ? await access.blobs.get(out.features_blob.digest)
        : undefined
  return {
    reward,
    value: numFrom(out.value),
    answer: theParent(reward, 'answer'),
    features: bytes === undefined ? undefined : readFloat32(bytes),
  }
}

/** The mean of vectors, in index order; [dimensions]. */
export const meanOf = (vectors: readonly Float32Array[]): Float64Array => {
  const mean = new Float64Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) for (let j = 0; j < mean.length; j++) mean[j]! += vector[j]!
  return mean.map((sum) => sum / vectors.length)
}
