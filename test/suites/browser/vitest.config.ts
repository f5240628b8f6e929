import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    expect: { poll: { timeout: 15_000 } },
    include: ['test/suites/browser/**/*.browser.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
