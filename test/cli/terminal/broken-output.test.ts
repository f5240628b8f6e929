import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'costeer-output-'))
})
afterAll(() => rm(home, { recursive: true }))

/** Runs the built program with this standard output; gives its exit code and standard error. */
async function run(words: readonly string[], stdout: 'left' | 'kept' | number) {
  const child = spawn(process.execPath, ['dist/main.js', ...words], {
    env: { PATH: process.env.PATH, HOME: home, COSTEER_HOME: home, HF_HUB_OFFLINE: '1' },
    stdio: ['ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
  })
  // The reader is gone before the first line.
  if (stdout === 'left') child.stdout?.destroy()
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, errors }
}

describe('a reader that leaves', () => {
  test.each([
    ['models'],
    ['models', '--json'],
    ['profiles', 'list'],
    ['profiles', 'show', 'hamish-baird'],
    ['profiles', 'preview', 'hamish-baird', '--json'],
    ['profiles', 'check'],
    ['completion', 'bash'],
    ['doctor', '--timeout', '1'],
    ['--help'],
    ['profiles', '--help'],
  ])('ends quietly: costeer %s %s %s', async (...words) => {
    const { code, errors } = await run(words, 'left')
    expect(errors).not.toMatch(/EPIPE|^ {4}at |Error/m)
    expect(code).toBe(0)
  })
})

test.runIf(process.platform === 'linux')('a disk that is full is told in a sentence', async () => {
  const full = await open('/dev/full', 'w')
  const { code, errors } = await run(['models'], full.fd)
  await full.close()
  expect({ code, errors }).toEqual({ code: 1, errors: 'costeer: The output cannot be written (ENOSPC).\n' })
})
