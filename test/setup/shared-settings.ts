import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { LONGEST_TEST_MS, LONGEST_WAIT_MS } from './patience.ts'

type TestSettings = NonNullable<ViteUserConfig['test']>

/** What `npm test` and every suite beside it have in common. Paths are those of the checkout. */
export const sharedSettings = {
  globalSetup: ['test/setup/temporary-files.ts'],
  setupFiles: ['test/setup/property-seed.ts', 'test/setup/patient-waits.ts'],
  // The same samples each time, so that a commit passes or fails the same; test:random draws others.
  provide: { propertySeed: Number(process.env.COSTEER_TEST_SEED ?? 1) },
  // Tests that load onnxruntime themselves report nothing either.
  env: { ORT_DISABLE_TELEMETRY: '1' },
  // Before each test, so that one file's do not reach the next.
  unstubEnvs: true,
  unstubGlobals: true,
  restoreMocks: true,
  expect: { poll: { timeout: LONGEST_WAIT_MS } },
  testTimeout: LONGEST_TEST_MS,
  hookTimeout: 600_000,
} satisfies TestSettings

/** A suite that has a command of its own: what all have in common, and what this one says otherwise. */
export function suite(own: TestSettings): ViteUserConfig {
  return defineConfig({ test: { ...sharedSettings, ...own } })
}
