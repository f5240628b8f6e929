import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { TypedLines } from '../../../src/cli/chat/typed-lines.ts'
import { until } from '../../proxy/app-under-test/listening-app.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: what moves a terminal's cursor
const CONTROL = /\u001b\[[\d;]*[A-Z]/g

/** A terminal in which somebody types, and what it shows, without what moves the cursor. */
function terminal() {
  const input = new PassThrough()
  const output = new PassThrough()
  let shown = ''
  output.on('data', (data: Buffer) => {
    shown += data.toString()
  })
  const lines = new TypedLines({ input, terminal: Object.assign(output, { columns: 80 }) })
  const taken = lines[Symbol.asyncIterator]()
  const seen = () => {
    const text = shown.replace(CONTROL, '').replaceAll('\r', '')
    shown = ''
    return text
  }
  /** Types, and waits until a key after it has come through. */
  const type = async (text: string) => {
    const came = new Promise<void>((resolve) => input.once('data', () => setImmediate(resolve)))
    input.write(text)
    await came
  }
  return { lines, taken, type, seen }
}

describe('typing while an answer comes', () => {
  test('is held back, and stands behind the next prompt', async () => {
    const { taken, type, seen } = terminal()
    const first = taken.next()
    await type('One\r')
    expect((await first).value).toBe('One')
    expect(seen()).toContain('> ')
    await type('Tw')
    expect(seen()).toBe('')
    const second = taken.next()
    await until(() => true)
    expect(seen()).toMatch(/> .*Tw$/s)
    await type('o\r')
    expect((await second).value).toBe('Two')
  })

  test('is taken as the next question where it was ended, and shown as if typed then', async () => {
    const { taken, type, seen } = terminal()
    const first = taken.next()
    await type('One\r')
    await first
    seen()
    await type('Two\rThr')
    expect(seen()).toBe('')
    expect((await taken.next()).value).toBe('Two')
    expect(seen()).toBe('> Two\n')
    const third = taken.next()
    await type('ee\r')
    expect((await third).value).toBe('Three')
  })

  test('lets Ctrl+C through', async () => {
    const { lines, taken, type } = terminal()
    let interrupts = 0
    lines.onInterrupt(() => {
      interrupts += 1
    })
    const first = taken.next()
    await type('One\r')
    await first
    await type('\u0003')
    expect(interrupts).toBe(1)
  })
})

describe('lines of a file', () => {
  test('come one after the other, also those that were there before they were asked for', async () => {
    const input = new PassThrough()
    input.end('One\nTwo\nThree')
    const lines = []
    for await (const line of new TypedLines({ input, terminal: null })) lines.push(line)
    expect(lines).toEqual(['One', 'Two', 'Three'])
  })

  test('end when they are closed', async () => {
    const lines = new TypedLines({ input: new PassThrough(), terminal: null })
    const next = lines[Symbol.asyncIterator]().next()
    lines.close()
    expect((await next).done).toBe(true)
  })
})
