import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/suites/servers/*.ts', 'test/upstream/embedded.model.test.ts'],
    exclude: ['test/suites/servers/vitest.config.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
