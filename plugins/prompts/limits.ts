/** What a data file may hold. Every limit is named in the error of the file that goes past it. */
export interface FileLimits {
  /** Bytes of one line, after unpacking; a text of the record may have twice as many. */
  readonly lineBytes: number
  /** Bytes of all lines, after unpacking. */
  readonly totalBytes: number
  /** Rows that are used. */
  readonly rows: number
}

export const fileLimits: FileLimits = {
  lineBytes: 500_000,
  totalBytes: 4 * 1024 * 1024 * 1024,
  rows: 4_000_000,
}
