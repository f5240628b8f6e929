import { defineConfig } from 'vitest/config'

/** Our engine beside llama.cpp's, on the same files. */
export default defineConfig({
  test: {
    include: ['test/suites/families/*.families.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
