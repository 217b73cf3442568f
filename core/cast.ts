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

/** Who plays in a run: the plugins that its run file names, opened. */
export interface Cast {
  readonly constitution: Constitution
  readonly model: Model
  /** The feedback model; often the same model at its base weights. */
  readonly judge: Model
  readonly trainer: Trainer | undefined
  readonly scorer: Scorer | undefined
  readonly raters: Scorer | undefined
  readonly sources: Sources
  close(): Promise<void>
}
