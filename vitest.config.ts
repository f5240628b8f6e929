import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests that load real weights, start programs or take whole gateways apart: each file has a process of its own. */
const alone = ['test/**/*.model.test.ts', 'test/suites/**/*.test.ts', 'test/deploy/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['test/setup/temporary-files.ts'],
    setupFiles: ['test/setup/property-seed.ts', 'test/setup/patient-waits.ts'],
    // The same samples each time, so that a commit passes or fails the same; `npm run test:random` draws others.
    provide: { propertySeed: Number(process.env.COSTEER_TEST_SEED ?? 1) },
    // Tests that load onnxruntime themselves report nothing either.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Before each test, so that one file's do not reach the next.
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    testTimeout: 60_000,
    hookTimeout: 600_000,
    // Vitest leaves one core free, which on two cores means one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', 'json'],
    outputFile: { json: 'test-output/results.json' },
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // Importing the sources anew for each of four hundred files took a fifth of the time.
      {
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
    ],
  },
})
