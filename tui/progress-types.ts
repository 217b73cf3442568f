/** What a run tells whoever watches it, in the order in which it happens. Texts may come from a model: a view makes them visible. */
export type RunProgress =
  /** Where a stage stands. Sent as often as the run likes; `done` = `total` does not close the stage. */
  | {
      readonly kind: 'stage'
      /** Machine name, one per stage of the run. */
      readonly stage: string
      /** What people read: `AI labels`. */
      readonly title: string
      readonly done: number
      /** 0 where it is not known yet. */
      readonly total: number
      /** Plural noun of what is counted: `labels`, `steps`. */
      readonly unit: string
      /** Of `done`, those for which a plugin was asked. */
      readonly asked?: number
      /** Of `done`, those that the memo answered. */
      readonly remembered?: number
    }
  /** Something worth reading as it happens: the first critique, the first label with both orders. */
  | { readonly kind: 'exhibit'; readonly title: string; readonly lines: readonly string[] }
  /** One sentence for the person, not for the record. */
  | { readonly kind: 'notice'; readonly line: string }
  | {
      readonly kind: 'closed'
      readonly stage: string
      /** Events that the stage used, new or remembered. */
      readonly events: number
      readonly seconds: number
    }

/** Draws progress. `finish` leaves the terminal as a shell expects it; calling it twice does no harm. */
export interface ProgressView {
  show(progress: RunProgress): void
  finish(): void
}
