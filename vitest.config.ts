import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks' as const, testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 }

/** Two tiers: `fast` needs nothing but the packages; `full` is all of it, and the slow `.full.test.ts` files. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/**/*.full.test.ts'] } },
      { test: { ...shared, name: 'full', include: ['test/**/*.full.test.ts'], testTimeout: 1_800_000 } },
    ],
  },
})
