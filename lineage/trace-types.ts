import type { EventId } from '../events/event.ts'
import type { Trust } from './trust.ts'

/** Why one answer's reward differs from a reference: the answer of `hansard trace REWARD --json`. */
export interface Trace {
  readonly reward: { readonly id: EventId; readonly value: number }
  readonly reference: Reference
  /** reward.value − reference.value: what is explained. */
  readonly difference: number
  /** |difference − Σ addsUp|: rounding alone, at most 1e-9. */
  readonly residual: number
  /** Every principle of the run's constitution, in its order; then those that only the labels name. */
  readonly principles: readonly PrincipleShare[]
  /** The labels without a principle, together. */
  readonly human: Share & { readonly who: 'people' | 'simulated raters' | 'nobody' }
  /** Hard or clamped ensembles, whose target does not split over principles; absent where there are none. */
  readonly ensemble?: Share
  /** The labels with the largest contributions: of each principle and of humans the first three. */
  readonly strongest: readonly StrongLabel[]
  /** Labels about this very prompt text, by who gave them (a principle's key, or `human`); empty where there are none. */
  readonly labelsOnThisPrompt: readonly {
    readonly contributor: string
    readonly labels: number
    readonly ids: readonly EventId[]
  }[]
  readonly path: readonly PathStep[]
  /** Parts of the reward that name a principle themselves: rewards of mode `direct`. */
  readonly direct: readonly DirectComponent[]
  readonly answer: AnswerInView
  readonly run: EventId | undefined
  readonly constitution: { readonly id: EventId; readonly name: string; readonly version: string } | undefined
  readonly training: { readonly name: string; readonly step: number } | undefined
  readonly policy: EventId | undefined
  readonly preferenceModel: PreferenceModelInView | undefined
  /** What the second column holds fixed. */
  readonly heldFixed: readonly string[]
  readonly retrained: readonly Retrained[]
  readonly trust: Trust
}

/** What a reward is compared with. */
export interface Reference {
  readonly kind: 'group mean' | 'other answer'
  readonly value: number
  /** Rewards that the reference is made of: the whole group, or the one other answer's. */
  readonly rewards: readonly EventId[]
  /** In words. */
  readonly note: string
}

export interface Share {
  readonly labels: number
  /** The share of the difference by arithmetic: all of them sum exactly to it. Not a cause. */
  readonly addsUp: number
  /** The difference that would remain without these labels: one Newton step. */
  readonly withoutItsLabels: number
}

export interface PrincipleShare extends Share {
  readonly key: string
  readonly id: EventId
  /** Whether it stands in the run's constitution. */
  readonly inConstitution: boolean
}

export interface StrongLabel {
  readonly id: EventId
  /** Key of its principle; `human` for people's and raters'. */
  readonly principle: string
  readonly probabilityFirst: number
  readonly orders: readonly { readonly order: 'ab' | 'ba'; readonly probabilityFirst: number }[]
  /** Whether both orders prefer the same answer; true where there is one. */
  readonly ordersAgree: boolean
  /** The answer that the label prefers, and the other; null where the text was erased. */
  readonly chosen: string | null
  readonly rejected: string | null
  readonly prompt: string | null
  /** What this label adds to the difference. */
  readonly contribution: number
}

/** One hop of the history of a reward; `role` is the edge from the hop before on its branch. */
export interface PathStep {
  readonly branch: 'answer' | 'supervised' | 'preference model'
  readonly role: string
  readonly id: EventId
  readonly type: string
  /** In words: "RL-CAI step 120", "set of 8,100 labels". */
  readonly note: string
  /** Events of the same kind that this hop stands for and that are not listed. */
  readonly condensed?: number
}

export interface DirectComponent {
  readonly name: string
  readonly principle: EventId | undefined
  readonly value: number
  readonly weight: number | undefined
}

export interface AnswerInView {
  readonly id: EventId
  readonly type: string
  /** null where the text was erased. */
  readonly text: string | null
  readonly prompt: PromptInView
  readonly classified: Classified | undefined
}

export interface PromptInView {
  readonly id: EventId
  readonly subject: string
  readonly text: string | null
  /** What its dataset was imported for; undefined for a prompt that a model wrote. */
  readonly use: string | undefined
}

export interface Classified {
  readonly id: EventId
  readonly scorer: string
  readonly behaviour: string
  readonly refuses: boolean
  readonly flat: boolean
  readonly engaged: boolean
  /** Words of the answer that were taken as a refusal: first, and the one after the last. */
  readonly start: number | undefined
  readonly end: number | undefined
}

export interface PreferenceModelInView {
  readonly id: EventId
  /** Comparisons that it was fitted to. */
  readonly comparisons: number
  readonly labels: number
  readonly lambda: number
  readonly target: string
  /** ‖∇‖ at the recorded optimum. */
  readonly gradientNorm: number
}

/** The head fitted again without a contributor's labels: the ground truth of `withoutItsLabels`. */
export interface Retrained {
  /** Key of the principle, or `human`. */
  readonly without: string
  /** The difference that remains when the head is really fitted again. */
  readonly difference: number
  /** What one Newton step had said. */
  readonly newton: number
}

/** What explains a difference, whichever way the reward was made. */
export type Explanation = Pick<
  Trace,
  | 'principles'
  | 'human'
  | 'ensemble'
  | 'residual'
  | 'strongest'
  | 'labelsOnThisPrompt'
  | 'direct'
  | 'preferenceModel'
  | 'retrained'
>
