import { defineConfig } from 'vitest/config'

/** Scores against those of Python's rouge-score, which has to be installed first. */
export default defineConfig({
  test: { include: ['test/suites/rouge/*.python.ts'], testTimeout: 120_000, hookTimeout: 600_000 },
})
