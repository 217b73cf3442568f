/** The machine word of an error of Node (`ENOENT`) or of Postgres (SQLSTATE, `42501`); '' where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** What an error says, whatever was thrown. */
export const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error))
