/** One promise of a port, and how to see whether a plugin keeps it. */
export interface Check {
  readonly name: string
  /** Why it does not apply to this plugin: it is then reported as skipped. */
  readonly skip?: string
  /** @throws where the promise is broken */
  readonly run: () => Promise<void>
}

/** The `test` of vitest, node:test or any runner of the same shape. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown
  skip?: (name: string, run: () => Promise<void>) => unknown
}

/**
 * Hands checks to a test runner, one test each:
 *
 *     import test from 'node:test'
 *     registerChecks(modelChecks({ … }), test)
 */
export function registerChecks(checks: readonly Check[], test: TestFunction): void {
  for (const { name, skip, run } of checks) {
    if (skip === undefined) test(name, run)
    else if (test.skip) test.skip(`${name} (skipped: ${skip})`, run)
  }
}

export interface CheckResult {
  readonly name: string
  readonly outcome: 'kept' | 'broken' | 'skipped'
  /** What was seen, or why it was skipped. */
  readonly why?: string
}

/** Runs checks one after the other without a test runner, and says what came of each. */
export async function runChecks(checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const { name, skip, run } of checks) {
    if (skip !== undefined) {
      results.push({ name, outcome: 'skipped', why: skip })
      continue
    }
    try {
      await run()
      results.push({ name, outcome: 'kept' })
    } catch (error) {
      results.push({ name, outcome: 'broken', why: error instanceof Error ? error.message : String(error) })
    }
  }
  return results
}

/** Opens the subject of a suite once, when the first check needs it. */
export const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
  let opening: Promise<T> | undefined
  return () => (opening ??= open())
}
