/** How long hansard waits for a plugin before it is taken to hang, in milliseconds without a sign of life. */
export interface Patience {
  readonly openMs: number
  readonly answerMs: number
  readonly stepMs: number
  readonly rowMs: number
}

const minuteMs = 60_000

/** Generous: a large model on a busy machine may take minutes for one answer, a GPU step longer. */
export const defaultPatience: Patience = {
  openMs: 10 * minuteMs,
  answerMs: 10 * minuteMs,
  stepMs: 60 * minuteMs,
  rowMs: 2 * minuteMs,
}
