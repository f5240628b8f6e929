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
    'data: {"type":"message_start","message":{"id":"m","model":"up"}}',
    '',
    'data: [DONE]',
    '',
    '',
  ].join('\n')
  const renamed = events
    .replace('{"response":{"model":"up"', '{"response":{"model":"client"')
    .replace('data:{"model":"up"', 'data:{"model":"client"')
    .replace('"id":"m","model":"up"', '"id":"m","model":"client"')

  async function* source(chunks: readonly Uint8Array[]) {
    yield* chunks
  }
  async function read(chunks: readonly Uint8Array[], contentType: string): Promise<string> {
    const pieces: Uint8Array[] = []
    const options = { contentType, model: 'client', where: 'The upstream' }
    for await (const piece of replyWithModelName(source(chunks), options)) pieces.push(piece)
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

  test.each(['client', null])(
    'comes in whole events, of which a break loses none and halves none (%s)',
    async (model) => {
      const ends = ['\n\n', '\r\n\r\n', '\r\r']
      for (const blank of ends) {
        // A line is over with its carriage return.
        const spare = blank.endsWith('\r\n') ? 1 : 0
        const whole = bytes(`data: {"n":1}${blank}: note${blank}data: {"n":2}${blank}`)
        const firstEnd = `data: {"n":1}${blank}`.length - spare
        const secondEnd = firstEnd + `: note${blank}`.length
        for (let cut = 0; cut <= whole.length; cut++) {
          async function* breaking() {
            yield* Array.from(whole.subarray(0, cut), (_, at) => whole.subarray(at, at + 1))
            throw new Error('broken')
          }
          let got = ''
          const options = { contentType: 'text/event-stream', model, where: 'The upstream' }
          const reading = (async () => {
            for await (const piece of replyWithModelName(breaking(), options)) {
              got += Buffer.from(piece).toString()
              expect(got).toMatch(/[\r\n]$/)
            }
          })()
          await expect(reading).rejects.toThrow('broken')
          const events = got.split('data:').length - 1
          expect(events).toBe(cut >= whole.length - spare ? 2 : cut >= firstEnd ? 1 : 0)
          expect(got.includes('note')).toBe(cut >= secondEnd)
        }
      }
    },
  )
})
