import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const compiled = pathToFileURL('dist/cli/terminal/exit-on-signal.js')
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A program that listens for signals, runs `then` and goes on until one comes. */
async function started(then: string) {
  const program = `
    import { exitOnSignal } from '${compiled}'
    const exit = exitOnSignal()
    setInterval(() => {}, 1000)
    ${then}
    process.stdout.write('listening;')
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data')
  return { child, said: () => said }
}

describe('exitOnSignal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with exit code 0 on %s before there is work',
    async (name) => {
      const { child } = await started('')
      child.kill(name)
      expect(await once(child, 'close')).toEqual([0, null])
    },
  )

  test('lets the work end first', async () => {
    const { child, said } = await started(`
      exit.after(() => new Promise((resolve) => process.stdout.write('finished;', resolve)), { withinMs: 60_000 })
    `)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(said()).toBe('listening;finished;')
  })

  test('ends at once on the second signal of a kind, when the work does not', async () => {
    const { child, said } = await started(`
      exit.after(() => new Promise(() => process.stdout.write('hanging;')), { withinMs: 60_000 })
    `)
    child.kill('SIGTERM')
    while (!said().includes('hanging')) await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
  })

  test('ends by force when the work takes longer than it may', async () => {
    const { child } = await started(`
      exit.after(() => new Promise(() => {}), { withinMs: 100 })
    `)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
  })

  test('keeps what fails because of the end to itself', async () => {
    const { child, said } = await started(`
      exit.after(async () => {
        void exit.failed(new Error('no')).catch(() => process.stdout.write('failed;'))
        await new Promise((resolve) => setImmediate(resolve))
      }, { withinMs: 60_000 })
    `)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(said()).toBe('listening;')
  })
})
