import type { EventId } from '../events/event.ts'
import type {
  AnswerInView,
  PreferenceModelInView,
  PrincipleShare,
  Retrained,
  Share,
  StrongLabel,
} from './trace-types.ts'
import type { Trust } from './trust.ts'

/** Why an answer was paid for, by contrast with one that did not refuse: the answer of `hansard why ROLLOUT --json`. */
export interface Why {
  readonly answer: AnswerInView
  readonly refuses: boolean | undefined
  readonly flat: boolean | undefined
  readonly training: { readonly name: string; readonly step: number } | undefined
  /** Share of fresh samples that refuse this very prompt, by snapshot in the order of training. */
  readonly sinceWhen: readonly RefusalRate[]
  /** Undefined where nothing on record can be set against the answer; `noContrast` says why. */
  readonly contrast: Contrast | undefined
  readonly noContrast: string | undefined
  readonly limits: readonly string[]
  readonly trust: Trust
}

export interface RefusalRate {
  readonly stage: string
  /** The policy whose answers were counted; undefined where a row spans several steps. */
  readonly policy: EventId | undefined
  readonly refused: number
  readonly answers: number
  /** From which answers: evaluation samples, or the rollouts that the policy drew in training. */
  readonly from: 'samples' | 'rollouts'
}

export interface Contrast {
  readonly rewards: { readonly answer: number; readonly other: number }
  /** reward(answer) − reward(other). */
  readonly gap: number
  readonly residual: number
  readonly other: AnswerInView
  /** Where the other answer comes from. */
  readonly otherFrom: 'its group' | 'SL-CAI'
  /** The group, and how many of it refuse. */
  readonly group: { readonly answers: number; readonly refused: number }
  /** addsUp: share of the gap; withoutItsLabels: the gap that would remain. */
  readonly principles: readonly PrincipleShare[]
  readonly human: Share & { readonly who: 'people' | 'simulated raters' | 'nobody' }
  readonly ensemble?: Share
  /** The labels that add most to the gap in the answer's favour. */
  readonly taughtBy: readonly StrongLabel[]
  /** Helpfulness labels on prompts of the red-team set: a known way to teach the wrong thing. */
  readonly humanLabelsOnRedTeam: number
  readonly preferenceModel: PreferenceModelInView
  readonly retrained: readonly Retrained[]
}
