import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks' as const, testTimeout: 90_000, hookTimeout: 120_000 }
/** Where `.ci/run` wants the results of a tier as JSON. */
const results = process.env['HANSARD_TEST_RESULTS']
const tier = process.argv.includes('full') ? 'full' : 'fast'

/** Two tiers: `fast` needs nothing but the packages; `full` is what takes longer, or needs what a machine may lack. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: results === undefined ? ['default'] : ['default', 'json'],
    ...(results === undefined ? {} : { outputFile: { json: join(results, `${tier}.json`) } }),
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.full.test.ts'],
        },
      },
      { test: { ...shared, name: 'full', include: ['test/**/*.full.test.ts'], testTimeout: 1_800_000 } },
    ],
  },
})
