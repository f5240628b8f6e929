import { defineConfig } from 'vitest/config'

/** Why a word is there, against what the local model loses without each part of a profile: minutes. */
export default defineConfig({
  test: {
    include: ['test/suites/reasons/*.reasons.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
})
