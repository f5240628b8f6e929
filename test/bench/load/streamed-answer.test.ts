import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { streamedAnswer } from '../../../bench/load/streamed-answer.ts'

function frame(value: unknown) {
  return `data: ${JSON.stringify(value)}\n\n`
}
function text(content: string, finish_reason: string | null = null) {
  return frame({ choices: [{ delta: { content }, finish_reason }] })
}
function usage(completion_tokens: number) {
  return frame({ choices: [], usage: { completion_tokens } })
}
const DONE = 'data: [DONE]\n\n'

describe('a streamed answer of the load test', () => {
  let server: Server
  let frames: readonly string[]
  let steering: string
  const dispatcher = new Agent()

  beforeEach(async () => {
    steering = 'on; profile=ann'
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-costeer-steering': steering })
      for (const one of frames) response.write(one)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const read = async (leaveAfter: number | null = null) => {
    const waits: number[] = []
    await streamedAnswer({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      dispatcher,
      profile: 'ann',
      question: 'hi',
      tokens: 2,
      leaveAfter,
      onText: (waitMs) => waits.push(waitMs),
    })
    return waits.length
  }

  test('is complete with its tokens, its reason and [DONE]', async () => {
    frames = [text('a'), text('b'), text('', 'length'), usage(2), DONE]
    expect(await read()).toBe(2)
  })

  test('may end before its tokens are used up', async () => {
    frames = [text('a'), text('', 'stop'), usage(1), DONE]
    expect(await read()).toBe(1)
  })

  test('may be left in the middle', async () => {
    frames = [text('a'), text('b')]
    expect(await read(1)).toBeGreaterThan(0)
  })

  test.each([
    ['without [DONE]', [text('a'), text('b', 'length'), usage(2)], 'no [DONE]'],
    ['with a frame behind [DONE]', [text('', 'stop'), DONE, text('a')], 'behind [DONE]'],
    ['with too few tokens', [text('a', 'length'), usage(1), DONE], '1 tokens instead of 2'],
    ['without a reason', [text('a'), text('b'), usage(2), DONE], 'finish_reason null'],
    ['that goes on behind its reason', [text('a', 'stop'), text('b'), DONE], 'goes on'],
    ['with an error inside', [frame({ error: { code: 'upstream_timeout' } })], 'upstream_timeout'],
    ['with something else inside', ['data: {"odd":1}\n\n'], 'choices'],
  ] as const)('fails %s', async (_what, sent, message) => {
    frames = sent
    await expect(read()).rejects.toThrow(message)
  })

  test('fails when nothing was steered', async () => {
    steering = 'off'
    frames = [DONE]
    await expect(read()).rejects.toThrow('x-costeer-steering: off')
  })
})
