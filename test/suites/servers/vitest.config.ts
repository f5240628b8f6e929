import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/suites/servers/*.servers.ts', 'test/upstream/embedded.model.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
