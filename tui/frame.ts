import type { Paint } from './paint.ts'

/** Where a page is drawn, and what a hint has to begin with so that it can be pasted. */
export interface Frame {
  readonly columns: number
  /** Infinity where the page goes into a file or a pipe. */
  readonly rows: number
  readonly paint: Paint
  /** How hansard is called here: `hansard`, `npx hansard`, `npx hansard --home elsewhere`. */
  readonly command: string
}
