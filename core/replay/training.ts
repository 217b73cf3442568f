import type { Digest, Recorded } from '../../events/event.ts'
import type { Home } from '../../events/embedded/home.ts'
import { trainStepped } from '../../events/vocabulary/training.ts'
import type { Graph } from '../../lineage/graph.ts'
import { outcomeOf } from '../../lineage/outcome.ts'
import type { Model } from '../../plugins/api.ts'
import type { TextReader } from '../text-reader.ts'

/** One training, done again from the log alone. */
export interface Replayed {
  readonly stage: string
  readonly method: 'sft' | 'preference' | 'rl'
  readonly steps: number
  /** Weights after the last step, as recorded and as they came out now. */
  readonly recorded: Digest | null
  readonly replayed: Digest | null
  readonly equal: boolean
  /** The first step whose weights differ. */
  readonly differsAt?: number
}

/** What every replay of a training needs. */
export interface ReplayAccess {
  readonly home: Home
  readonly graph: Graph
  readonly texts: TextReader
  readonly model: Model
  readonly signal: AbortSignal
  progress(stage: string, done: number, total: number): void
}

/** A training of the run: its train.started, and its steps in order. */
export interface RecordedTraining {
  readonly started: Recorded
  readonly steps: readonly Recorded[]
}

const weightsAfter = ({ event }: Recorded): Digest | null => outcomeOf(trainStepped, event)?.weights ?? null

/** The comparison of the weights after every step. */
export const compareSteps = (
  training: RecordedTraining,
  method: Replayed['method'],
  replayed: readonly (Digest | undefined)[],
): Replayed => {
  const recorded = training.steps.map(weightsAfter)
  // Weights that nobody gave are not equal: nothing was compared.
  const differs = recorded.findIndex((weights, k) => weights === null || weights !== replayed[k])
  return {
    stage: training.started.event.draw.subject,
    method,
    steps: recorded.length,
    recorded: recorded.at(-1) ?? null,
    replayed: replayed.at(-1) ?? null,
    equal: differs < 0,
    ...(differs < 0 ? {} : { differsAt: differs + 1 }),
  }
}
