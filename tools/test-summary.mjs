// Adds up vitest's JSON results: `node tools/test-summary.mjs FOLDER TIER…` prints "passed failed skipped".
// Skipped tests are named on standard error, so that what a machine lacks is seen. A missing result counts as a failure.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...tiers] = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0
for (const tier of tiers) {
  const file = join(folder, `${tier}.json`)
  if (!existsSync(file)) {
    process.stderr.write(`${tier}: no results\n`)
    failed++
    continue
  }
  const { testResults, numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(file, 'utf8'))
  passed += numPassedTests
  // A file that cannot be loaded has no tests that could fail.
  failed += Math.max(numFailedTests, success ? 0 : 1)
  for (const { assertionResults } of testResults)
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue
      skipped++
      process.stderr.write(`skipped: ${fullName}\n`)
    }
}
process.stdout.write(`${passed} ${failed} ${skipped}\n`)
