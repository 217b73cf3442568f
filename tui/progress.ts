import { paintFor } from './paint.ts'
import { LiveProgress, type Screen } from './progress-live.ts'
import { PlainProgress } from './progress-plain.ts'
import type { ProgressView } from './progress-types.ts'

/** Where progress goes: `process.stderr`, so that a page on standard output can be piped. */
export interface ProgressStream extends Screen {
  readonly isTTY?: boolean | undefined
}

export interface ProgressOptions {
  /** Lines instead of a live block, also on a terminal. */
  readonly plain: boolean
  readonly color: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A live block on a terminal, timestamped lines everywhere else. */
export const openProgress = (stream: ProgressStream, options: ProgressOptions): ProgressView => {
  if (options.plain || stream.isTTY !== true || process.env['TERM'] === 'dumb')
    return new PlainProgress((text) => stream.write(text), options.now)
  return new LiveProgress(stream, paintFor(options.color), options.now)
}
