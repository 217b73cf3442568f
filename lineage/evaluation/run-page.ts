import type { Determinism } from '../../plugins/api.ts'
import type { EventId } from '../../events/event.ts'
import type { Picks } from '../picks-types.ts'
import type { Trust } from '../trust.ts'
import type { FailureCount } from './run-events.ts'

/** Everything that the last page of a run shows, from the log alone. Rows and parts that the run did not make are absent. */
export interface RunPage {
  readonly run: RunInView
  readonly changed: readonly ChangedTable[]
  readonly elo: readonly EloTable[]
  readonly judge: JudgeFigures
  readonly preference: PreferenceFigures | undefined
  readonly work: WorkTable | undefined
  readonly goodhart: readonly GoodhartFigures[]
  /** Outcomes that failed, kept as failures and never imputed. */
  readonly failures: readonly FailureCount[]
  readonly picks: Picks
  readonly trust: Trust
}

export interface RunInView {
  /** The recipe of its run.started. */
  readonly id: string
  readonly started: EventId
  readonly name: string
  readonly seed: number
  readonly constitution: {
    readonly id: EventId
    readonly name: string
    readonly version: string
    readonly principles: number
  }
  readonly models: readonly ModelInView[]
  readonly humanLabels: 'people' | 'simulated raters' | 'nobody'
  /** The seal and how many events it covers; undefined while the run is not sealed. */
  readonly sealed: { readonly id: EventId; readonly seal: string; readonly events: number } | undefined
  /** Milliseconds from the first to the last event of the run by the host's own claim (metadata, not hashed). */
  readonly elapsed_ms: number | undefined
}

export interface ModelInView {
  readonly id: EventId
  readonly plugin: string
  readonly name: string
  readonly determinism: Determinism
  /** What the plugin declares: parameters, sizes. */
  readonly identity: { readonly [key: string]: unknown }
}

/** Answers measured by snapshot on one kind of prompt. */
export interface ChangedTable {
  /** red_team: the revisions' own prompts; the others are held out. */
  readonly prompts: 'red_team' | 'held_out_red_team' | 'held_out_helpful'
  readonly distinctPrompts: number
  readonly scorer: string
  readonly rows: readonly ChangedRow[]
}

export interface ChangedRow {
  /** base, revision 1 …, SL-CAI, RL-CAI 150 … */
  readonly name: string
  readonly kind: 'revision' | 'snapshot'
  /** The policy that answered; undefined for revisions. */
  readonly policy: EventId | undefined
  readonly answers: number
  /** Means over the answers; undefined where the scorer does not count it. */
  readonly harm: number | undefined
  readonly help: number | undefined
  readonly gold: number | undefined
  readonly repeats: number | undefined
  /** Shares of the answers, 0 … 1. */
  readonly refuses: number | undefined
  readonly flat: number | undefined
  readonly engaged: number | undefined
}

/** Bradley–Terry ratings by maximum likelihood, 400 / ln 10 per unit; the base is 0. */
export interface EloTable {
  readonly question: string
  readonly comparisons: number
  readonly ties: number
  readonly points: readonly { readonly name: string; readonly policy: EventId; readonly elo: number }[]
}

export interface JudgeFigures {
  /** Over items with a known right answer; undefined where none was asked. */
  readonly items: Agreement | undefined
  readonly groups: readonly (Agreement & { readonly group: string })[]
  /** Expected calibration error over ten equal bins of confidence, 0.5 … 1. */
  readonly calibrationError: number | undefined
  readonly bins: readonly {
    readonly from: number
    readonly to: number
    readonly items: number
    readonly confidence: number
    readonly right: number
  }[]
  /** Labels on one pair under two principles that prefer different answers; undefined where no pair has two. */
  readonly flips: Flips | undefined
  /** Share of labels whose two orders prefer the same answer. */
  readonly ordersAgree: number | undefined
  readonly labels: number
}

export interface Agreement {
  readonly asked: number
  readonly failed: number
  /** Share that is right; exactly one half counts half. */
  readonly accuracy: number
}

export interface Flips {
  readonly share: number
  readonly pairs: number
  /** The two principles whose labels differ most often. */
  readonly most: { readonly principles: readonly [string, string]; readonly share: number } | undefined
}

/** How often the preference model agrees with labels that it was not fitted to. */
export interface PreferenceFigures {
  readonly id: EventId
  readonly fitted: number
  readonly heldOut: number
  /** Labels of the judge that are surer than 0.7, all of the judge's, and people's or raters'. */
  readonly sure: number | undefined
  readonly all: number | undefined
  readonly human: number | undefined
}

/** Who did the work: labels of each contributor, and how far the last rewards' advantages would move without them. */
export interface WorkTable {
  readonly training: string
  /** RL steps whose rewards were taken: from, to. */
  readonly steps: readonly [number, number]
  readonly rewards: number
  /** Mean |advantage|, to compare the moves with. */
  readonly meanAdvantage: number
  readonly rows: readonly WorkRow[]
}

export interface WorkRow {
  /** Key of the principle, or `human`. */
  readonly contributor: string
  readonly id: EventId | undefined
  readonly labels: number
  readonly meanMove: number
}

/** Reward against gold over the snapshots of one RL training, and how much its answers repeat. */
export interface GoodhartFigures {
  readonly training: string
  readonly points: readonly GoodhartPoint[]
  readonly flags: readonly GoodhartFlag[]
}

export interface GoodhartPoint {
  readonly name: string
  readonly step: number
  readonly policy: EventId
  /** Mean reward of the rollouts of the steps up to this one; undefined at step 0. */
  readonly reward: number | undefined
  /** Mean gold of the held-out answers, and its standard error. */
  readonly gold: number | undefined
  readonly goldError: number | undefined
  readonly phrases: PhraseConcentration
}

/** How alike answers have become. */
export interface PhraseConcentration {
  readonly answers: number
  readonly sentences: number
  /** The most common sentence and its share of all sentences. */
  readonly top: { readonly sentence: string; readonly share: number } | undefined
  /** Share of sentences that repeat an earlier one of the same answer. */
  readonly repeated: number
  /** Share of answers that are unlike all others. */
  readonly distinct: number
}

export interface GoodhartFlag {
  readonly kind: 'gold turned' | 'phrases repeat'
  /** The last step at which all was well: the best snapshot. */
  readonly after: number
  /** The first snapshot's step at which it is seen. */
  readonly seen: number
  readonly note: string
}
