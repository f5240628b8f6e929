import { defineConfig } from 'vitest/config'

/** Draws the pictures of the documentation again, with the models that `npm start` uses. */
export default defineConfig({
  test: { include: ['test/suites/browser/*.picture.ts'], testTimeout: 300_000, hookTimeout: 600_000 },
})
