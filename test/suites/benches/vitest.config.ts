import { defineConfig } from 'vitest/config'

/** Benchmarks with the real model, small and quick, so that they do not rot: minutes. */
export default defineConfig({
  test: { include: ['test/suites/benches/*.benches.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
})
