import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/upstreams/**/*.ts'], testTimeout: 120_000, fileParallelism: false },
})
