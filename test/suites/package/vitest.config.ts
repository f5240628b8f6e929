import { defineConfig } from 'vitest/config'

/** Packs the checkout and installs it elsewhere: a minute, and downloads. */
export default defineConfig({
  test: { include: ['test/suites/package/*.package.ts'], testTimeout: 120_000, hookTimeout: 900_000 },
})
