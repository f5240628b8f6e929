import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/upstreams/*.ts', 'test/upstream/embedded.model.test.ts'],
    exclude: ['test/upstreams/vitest.config.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
