/** npm, the shim and the terminal may all pass on one Ctrl-C: what comes this soon after is the same. */
const same_ms = 700

const signals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP']

export interface Interruption {
  /** Aborted by the first Ctrl-C (or SIGTERM, or a closed terminal). */
  readonly signal: AbortSignal
  /** Gives signals back their usual meaning. */
  dispose(): void
}

/**
 * Lets a long command stop cleanly at the first Ctrl-C; a second one ends the process at once.
 * @param onFirst called once, to say what is going on
 */
export const interruptible = (onFirst: () => void): Interruption => {
  const controller = new AbortController()
  let first_ms: number | undefined
  const stop = (): void => {
    const now_ms = performance.now()
    if (first_ms === undefined) {
      first_ms = now_ms
      onFirst()
      controller.abort()
    } else if (now_ms - first_ms > same_ms) process.exit(130)
  }
  for (const name of signals) process.on(name, stop)
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, stop)
    },
  }
}
