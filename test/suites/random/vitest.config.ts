import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedSettings, suite } from '../../setup/shared-settings.ts'

const seed = Number(process.env.COSTEER_TEST_SEED ?? randomInt(2 ** 31))
process.stdout.write(`Samples of seed ${seed}; the same again with COSTEER_TEST_SEED=${seed}\n`)

function filesWithProperties(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .filter((path) => readFileSync(path, 'utf8').includes("from 'fast-check'"))
}

/** The properties of all tests with samples of this run's own, many times as many. */
export default suite({
  include: filesWithProperties(),
  setupFiles: [...sharedSettings.setupFiles, 'test/suites/random/longer-properties.ts'],
  provide: { propertySeed: seed },
  testTimeout: 600_000,
})
