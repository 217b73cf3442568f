import type { EventId } from '../events/event.ts'

/** What is worth a trace, where nobody named a reward. */
export interface Picks {
  /** Rewards that beat their group by most, the largest first. */
  readonly largest: readonly Pick[]
  /** Rollouts that refuse a prompt of the helpful set, the latest step first. */
  readonly refusedBenign: readonly Pick[]
  /** From the last step of trainings whose gold turned or whose phrases repeat: the highest rewards. */
  readonly goodhart: readonly Pick[]
  /** `@last`: largest advantage in the last step of the last training; `@best`: of all steps; `@flagged`: the first flag. */
  readonly aliases: {
    readonly last: EventId | undefined
    readonly best: EventId | undefined
    readonly flagged: EventId | undefined
  }
}

export interface Pick {
  readonly reward: EventId
  readonly rollout: EventId
  readonly training: string
  readonly step: number
  readonly value: number
  /** Reward minus the mean of its group. */
  readonly advantage: number
  /** null where the text was erased. */
  readonly prompt: string | null
  readonly answer: string | null
}
