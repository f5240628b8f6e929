import { defineConfig } from 'vitest/config'

/** Clients in other languages, which have to be installed first. */
export default defineConfig({
  test: { include: ['test/suites/clients/*.clients.ts'], testTimeout: 600_000, hookTimeout: 1_200_000 },
})
