import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    // The same samples each time, so that a commit passes or fails the same; `npm run test:random` draws others.
    provide: { propertySeed: Number(process.env.COSTEER_TEST_SEED ?? 1) },
    // Tests that load onnxruntime themselves report nothing either.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 600_000,
    // Vitest leaves one core free, which on two cores means one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', 'json'],
    outputFile: { json: 'test-output/results.json' },
  },
})
