import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const seed = Number(process.env.COSTEER_TEST_SEED ?? randomInt(2 ** 31))
process.stdout.write(`Samples of seed ${seed}; the same again with COSTEER_TEST_SEED=${seed}\n`)

function filesWithProperties(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .filter((path) => readFileSync(path, 'utf8').includes("from 'fast-check'"))
}

export default defineConfig({
  test: {
    include: filesWithProperties(),
    setupFiles: ['test/setup/property-seed.ts', 'test/suites/random/longer-properties.ts'],
    provide: { propertySeed: seed },
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
