import type { EventId, RecipeId } from '../events/event.ts'
import type { Constitution, Model, PromptSource, Scorer, Trainer } from '../plugins/api.ts'

/** Datasets that a run reads, by what they are for. */
export interface Sources {
  readonly redTeam: readonly NamedSource[]
  readonly helpful: readonly NamedSource[]
  readonly heldOutRedTeam: readonly NamedSource[]
  readonly heldOutHelpful: readonly NamedSource[]
  readonly comparisons: readonly NamedSource[]
  readonly items: readonly NamedSource[]
}

export interface NamedSource {
  readonly name: string
  readonly source: PromptSource
  readonly licence?: string
}

/**
 * A run whose policy, pairs and rollouts are held while its labels are asked again under another constitution:
 * what changes is then the constitution's doing alone.
 */
export interface Held {
  /** Its run.started's recipe. */
  readonly run: RecipeId
  readonly constitution: Constitution
  /** Its rewards of rollouts, in the order of its record: they are given again by the refitted preference model. */
  readonly rewards: readonly EventId[]
}

/** Who plays in a run: the plugins that its run file names, opened. */
export interface Cast {
  readonly constitution: Constitution
  readonly held?: Held
  readonly model: Model
  /** The feedback model; often the same model at its base weights. */
  readonly judge: Model
  readonly trainer: Trainer | undefined
  readonly scorer: Scorer | undefined
  readonly raters: Scorer | undefined
  readonly sources: Sources
  close(): Promise<void>
}
