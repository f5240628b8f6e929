import { describe, expect, test } from 'vitest'
import { replyWithModelName } from '../../../src/upstream/passthrough/reply-with-model-name.ts'

function bytes(text: string) {
  return new TextEncoder().encode(text)
}

describe("a server's reply", () => {
  const events = [
    ': ping "model":"up"',
    '',
    'event: response.created',
    'data: {"response":{"model":"up","n":1.0},"text":"Grüße 👋 \\"model\\":\\"up\\""}',
    '',
    'data:{"model":"up","choices":[{"delta":{"content":"\\u2028 model"}}]}\r',
    '\r',
    'data: {"model": null}',
    '',
    'data: [DONE]',
    '',
    '',
  ].join('\n')
  const renamed = events
    .replace('{"response":{"model":"up"', '{"response":{"model":"client"')
    .replace('data:{"model":"up"', 'data:{"model":"client"')

  async function read(chunks: readonly Uint8Array[], contentType: string): Promise<string> {
    async function* source() {
      yield* chunks
    }
    const pieces: Uint8Array[] = []
    for await (const piece of replyWithModelName(source(), {
      contentType,
      model: 'client',
      where: 'The upstream',
    })) {
      pieces.push(piece)
    }
    return Buffer.concat(pieces).toString()
  }

  test('events are renamed at whatever byte they are cut, every other byte as it came', async () => {
    const whole = bytes(events)
    for (let cut = 0; cut <= whole.length; cut++) {
      const pieces = [whole.subarray(0, cut), whole.subarray(cut)]
      expect(await read(pieces, 'text/event-stream; charset=utf-8')).toBe(renamed)
    }
    const single = Array.from(whole, (_, at) => whole.subarray(at, at + 1))
    expect(await read(single, 'text/event-stream')).toBe(renamed)
  })

  test('a JSON reply is renamed whole, other kinds pass', async () => {
    expect(await read([bytes('{"mo'), bytes('del":"up"}')], 'application/json')).toBe('{"model":"client"}')
    expect(await read([bytes('{"model":"up"}')], 'audio/mpeg')).toBe('{"model":"up"}')
  })
})
