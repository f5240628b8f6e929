import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { sharedSettings } from './test/setup/shared-settings.ts'

/** Tests that load real weights, start programs or take whole gateways apart: a process for each file. */
const alone = ['test/**/*.model.test.ts', 'test/suites/**/*.test.ts', 'test/deploy/**/*.test.ts']

export default defineConfig({
  test: {
    ...sharedSettings,
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
