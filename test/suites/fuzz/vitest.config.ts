import { defineConfig } from 'vitest/config'

/** Requests made up from the served description of the API: minutes, and a Python package. */
export default defineConfig({
  test: { include: ['test/suites/fuzz/*.fuzz.ts'], testTimeout: 1_800_000, hookTimeout: 600_000 },
})
