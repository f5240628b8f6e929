import { defineConfig } from 'vitest/config'

/** Agent loops of clients, against a real server and against the gateway before it. */
export default defineConfig({
  test: { include: ['test/suites/agents/*.agents.ts'], testTimeout: 900_000, hookTimeout: 1_800_000 },
})
