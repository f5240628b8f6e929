// npm run test:random -- [--rounds N] [--seed N] [test files]
// Runs the test files that hold properties again and again, each time with samples of another seed, until one fails.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' } },
})

function filesWithProperties() {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .filter((path) => readFileSync(path, 'utf8').includes("from 'fast-check'"))
}

const files = positionals.length > 0 ? positionals : filesWithProperties()
const rounds = values.seed === undefined ? Number(values.rounds) : 1
for (let round = 1; round <= rounds; round++) {
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
  console.log(`Round ${round} of ${rounds}: seed ${seed}`)
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...files],
    {
      stdio: 'inherit',
      env: { ...process.env, COSTEER_TEST_SEED: String(seed) },
    },
  )
  if (status !== 0) {
    console.error(`Failed with seed ${seed}. The same again: npm run test:random -- --seed ${seed}`)
    process.exit(1)
  }
}
