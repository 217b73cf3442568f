import type { Digest, EventId, Json, RecipeId } from '../events/event.ts'
import type { RunConstitution } from './runs.ts'
import type { Trust } from './trust.ts'

/** What differs between two runs, aligned by place: the answer of `hansard diff RUN RUN --json`. */
export interface RunDiff {
  readonly a: DiffedRun
  readonly b: DiffedRun
  /** Settings that differ, by their path in the run file. */
  readonly settings: readonly SettingDifference[]
  readonly constitution: ConstitutionDifference
  /** Events that both runs used, and those of one alone. */
  readonly events: { readonly shared: number; readonly onlyA: number; readonly onlyB: number }
  readonly chains: ChainDifference
  readonly labels: LabelDifference
  readonly rewards: RewardDifference
  readonly policies: readonly PolicyDifference[]
  /** Stages that only one of the runs has closed: nothing of them is compared. */
  readonly stagesOnlyA: readonly string[]
  readonly stagesOnlyB: readonly string[]
  readonly trust: Trust
}

export interface DiffedRun {
  readonly run: RecipeId
  readonly name: string | undefined
  readonly seed: number | undefined
  readonly seal: Digest | undefined
  readonly constitution: RunConstitution | undefined
}

export interface SettingDifference {
  readonly path: string
  /** Absent where the run has no such setting. */
  readonly a?: Json
  readonly b?: Json
}

export interface NamedPrincipleRef {
  readonly key: string
  readonly id: EventId
}

export interface ConstitutionDifference {
  /** Principles with equal key and wording. */
  readonly same: number
  readonly added: readonly NamedPrincipleRef[]
  readonly removed: readonly NamedPrincipleRef[]
  /** Equal key, other wording. */
  readonly changed: readonly { readonly key: string; readonly a: EventId; readonly b: EventId }[]
}

export interface ChainDifference {
  /** Chains (one prompt's first answer and its revisions) that both runs have. */
  readonly compared: number
  /** Those of which a critique or a revision says something else, or failed in one run only. */
  readonly touched: number
  readonly onlyA: number
  readonly onlyB: number
  /** Of critiques and revisions at the same place: equal events, equal texts by other events, other texts, other principle. */
  readonly acts: {
    readonly sameEvent: number
    readonly sameText: number
    readonly otherText: number
    readonly otherPrinciple: number
  }
  readonly byRound: readonly {
    readonly round: number
    readonly compared: number
    readonly otherText: number
  }[]
  /** Revisions that say something else, the first few of the record. */
  readonly examples: readonly ChainExample[]
}

export interface ChainExample {
  readonly round: number
  readonly a: ActInDiff
  readonly b: ActInDiff
}

export interface ActInDiff {
  readonly id: EventId
  /** Key of the principle that was drawn for it. */
  readonly principle: string | null
  /** null where it failed or the text is gone. */
  readonly text: string | null
}

export interface LabelDifference {
  /** Labels at the same place in both runs, and those of one alone. */
  readonly compared: number
  readonly onlyA: number
  readonly onlyB: number
  /** Of the compared: labels of the very same pair. Only on these does a flip mean anything. */
  readonly onEqualPairs: number
  /** Of those on equal pairs: drawn on a principle of another key or wording. */
  readonly otherPrinciple: number
  /** Of those on equal pairs with an answer in both runs: the preferred answer changed. */
  readonly flipped: number
  /** Mean |P(first) in b − P(first) in a| over labels on equal pairs with an answer in both; null where there is none. */
  readonly meanMove: number | null
  /** By the principle in a (`human` for labels without one), the most flipped first. */
  readonly byPrinciple: readonly PrincipleFlips[]
  readonly examples: readonly LabelExample[]
}

export interface PrincipleFlips {
  readonly key: string
  /** Labels on equal pairs under it in a. */
  readonly labels: number
  readonly otherPrinciple: number
  readonly flipped: number
  /** Mean |P(first) in b − P(first) in a| over those with an answer in both. */
  readonly meanMove: number | null
}

export interface LabelExample {
  readonly pair: EventId
  readonly a: LabelInDiff
  readonly b: LabelInDiff
  /** Texts of the pair's answers; null where gone. */
  readonly first: string | null
  readonly second: string | null
}

export interface LabelInDiff {
  readonly id: EventId
  readonly principle: string
  readonly probabilityFirst: number
}

export interface RewardDifference {
  /** Rollouts at the same place of the same training, and how many of them say something else. */
  readonly rollouts: { readonly compared: number; readonly otherText: number }
  readonly onlyA: number
  readonly onlyB: number
  /** Rewards by training (or other stage), at places that both have. */
  readonly byTraining: readonly TrainingRewards[]
  /** Rewards of the very same answer under both runs' preference models. */
  readonly sameAnswers: {
    readonly compared: number
    readonly meanA: number | null
    readonly meanB: number | null
    readonly meanMove: number | null
  }
}

export interface TrainingRewards {
  readonly training: string
  readonly compared: number
  readonly meanA: number
  readonly meanB: number
  /** The same over the last step that both have. */
  readonly lastStep: number
  readonly lastMeanA: number
  readonly lastMeanB: number
}

export interface PolicyDifference {
  readonly name: string
  /** Digest of its weights; null where nobody can tell it, absent where the run has no such policy. */
  readonly a?: Digest | null
  readonly b?: Digest | null
  readonly equal: boolean
}
