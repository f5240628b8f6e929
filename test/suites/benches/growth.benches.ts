import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const reportSchema = z.object({
  curves: z.tuple([
    z.object({
      points: z.array(z.object({ at: z.number(), figures: z.record(z.string(), z.number().nullable()) })),
    }),
  ]),
})

/** What the system does not tell everywhere may be missing; nothing else. */
const MAY_BE_MISSING = /CPU/

const folder = mkdtempSync(join(tmpdir(), 'costeer-growth-test-'))
beforeAll(() => {
  execFileSync('npm', ['run', '-s', 'build:bench'])
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test.each(['profile-length', 'context', 'callers', 'candidates', 'profiles'])(
  'the curve of %s has its figures at every point, small and quick as it is here',
  (name) => {
    const file = join(folder, `${name}.json`)
    const parameters = ['dist-bench/bench/growth.js', '--quick', '--only', name, '--json', file]
    const printed = execFileSync(process.execPath, parameters, { encoding: 'utf8', stdio: 'pipe' })
    const { points } = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).curves[0]
    expect(points).toHaveLength(2)
    expect(printed).toContain('grows as the power')
    for (const { figures } of points) {
      expect(Object.keys(figures).length).toBeGreaterThan(2)
      for (const [figure, value] of Object.entries(figures))
        if (!MAY_BE_MISSING.test(figure)) expect(value, figure).not.toBeNull()
    }
  },
)

test('a signal in the middle of a curve leaves nothing in the temporary folder', {
  timeout: 60_000,
}, async () => {
  const temporary = join(folder, 'temporary')
  mkdirSync(temporary)
  const parameters = ['dist-bench/bench/growth.js', '--quick', '--only', 'profile-length']
  const env = { ...process.env, TMPDIR: temporary }
  const bench = spawn(process.execPath, parameters, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(bench, 'exit')
  // What it says as it measures
  await once(bench.stderr, 'data')
  expect(readdirSync(temporary)).not.toEqual([])
  bench.kill('SIGTERM')
  expect(await ended).toEqual([1, null])
  expect(readdirSync(temporary)).toEqual([])
})
