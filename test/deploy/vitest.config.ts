import { defineConfig } from 'vitest/config'

/** Carries out the Dockerfile without a container runtime: minutes, and downloads. */
export default defineConfig({
  test: {
    include: ['test/deploy/*.image.ts'],
    testTimeout: 300_000,
    hookTimeout: 1_800_000,
  },
})
