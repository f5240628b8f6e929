import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const compiled = pathToFileURL('dist/cli/terminal/kill-after.js')
let child: ChildProcess | null = null
let folder: string | null = null
afterEach(async () => {
  child?.kill('SIGKILL')
  if (folder !== null) await rm(folder, { recursive: true })
  folder = null
})

/** A program that is to be killed after 100 ms and then does `then`; gives its exit code and signal. */
async function end(then: string): Promise<unknown[]> {
  const program = `
    import { open } from 'node:fs'
    import { killAfter } from '${compiled}'
    killAfter(100)
    ${then}
  `
  child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
  return once(child, 'exit')
}

async function makePipes(count: number): Promise<string[]> {
  folder = await mkdtemp(join(tmpdir(), 'costeer-pipes-'))
  const pipes = Array.from({ length: count }, (_, i) => join(String(folder), String(i)))
  execFileSync('mkfifo', pipes)
  return pipes
}

describe('killAfter', () => {
  test('ends a process that goes on', async () => {
    expect(await end('setInterval(() => {}, 1000)')).toEqual([null, 'SIGKILL'])
  })

  test('ends a process whose event loop stands still', async () => {
    expect(await end('for (;;) {}')).toEqual([null, 'SIGKILL'])
  })

  test.each([1, 4, 9])('ends a process in whose exit %i opens of a pipe hang', async (count) => {
    const pipes = JSON.stringify(await makePipes(count))
    const then = `for (const pipe of ${pipes}) open(pipe, () => {})
      setTimeout(() => process.exit(0), 10)`
    expect(await end(then)).toEqual([null, 'SIGKILL'])
  })

  test('lets a process end before that by itself', async () => {
    expect(await end('process.exit(3)')).toEqual([3, null])
  })
})
