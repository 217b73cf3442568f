import type { Digest, RecipeId } from '../events/event.ts'

/**
 * Seals that the documentation states, by the run’s id, which hashes its settings: whoever runs the same settings with
 * exact backends gets the same seal, and the last page says so.
 */
export const publishedSeals: Readonly<Record<RecipeId, Digest>> = {}
