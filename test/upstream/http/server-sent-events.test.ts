import { describe, expect, test } from 'vitest'
import { serverSentEvents } from '../../../src/upstream/http/server-sent-events.ts'
import { readRecording } from '../recorded/recorded-scenario.ts'

const limits = { where: 'The upstream', maxEventCharacters: 100_000 }

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function eventsOf(...parts: readonly Uint8Array[]): Promise<string[]> {
  const events: string[] = []
  for await (const event of serverSentEvents(pieces(...parts), limits)) events.push(event)
  return events
}

const { recording } = readRecording('llama-cpp')
const recorded =
  recording.exchanges
    .map(({ reply }) => reply)
    .find((reply) => reply.startsWith('data:') && reply.includes('🎉')) ?? ''
const withComment = recorded.slice(0, 2_500).replace('\n\n', '\n\n: ping\n\n')

describe.each([
  ['LF', withComment],
  ['CRLF', withComment.replaceAll('\n', '\r\n')],
  ['CR', withComment.replaceAll('\n', '\r')],
])('server-sent events with %s', (_, text) => {
  const bytes = new TextEncoder().encode(`${text}\n\n`)

  test('are the same wherever the bytes are cut', async () => {
    const whole = await eventsOf(bytes)
    expect(whole.length).toBeGreaterThan(3)
    for (let at = 1; at < bytes.length; at++) {
      expect(await eventsOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
    }
  })

  test('are the same byte by byte', async () => {
    const single = Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))
    expect(await eventsOf(...single)).toEqual(await eventsOf(bytes))
  })
})

test('an event beyond the limit is refused instead of gathered', async () => {
  const endless = async () => {
    const chunk = new TextEncoder().encode(`data: ${'x'.repeat(30_000)}`)
    return eventsOf(chunk, chunk, chunk, chunk, chunk)
  }
  await expect(endless()).rejects.toMatchObject({ code: 'upstream_invalid_reply' })
})
