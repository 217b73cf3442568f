import type { TrainingItem } from './shard.ts'
import type { StepResult, StepSettings, Training } from './training.ts'

/** The learning rate of step `step` (from 1) of `steps`: linear from `start` down to a tenth of it. */
export const decayedRate = (start: number, step: number, steps: number): number =>
  start * Math.max(0.1, 1 - (step - 1) / steps)

/** A text whose tokens from `from` on are trained on, each alike; what comes before is only read. */
export function answerItem(tokens: Int32Array, from: number): TrainingItem {
  const weights = new Float32Array(tokens.length).fill(1)
  weights.fill(0, 0, from)
  return { tokens, weights }
}

/** One step on the mean loss over all answer tokens; `tokens` is their number. */
export async function supervisedStep(
  training: Training,
  items: readonly TrainingItem[],
  settings: StepSettings,
): Promise<StepResult & { readonly tokens: number }> {
  const tokens = items.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0)
  return { ...(await training.step(items, Math.max(1, tokens), settings)), tokens }
}
