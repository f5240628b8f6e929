import { describe, expect, test } from 'vitest'
import { tokenId } from '../../../../src/steer/token-id.ts'
import { manualTimers } from '../../app-under-test/manual-timers.ts'
import { deferred, end, text, wait } from '../../app-under-test/scripted-gateway.ts'
import { chatRequest, completionOf, errorOf, testApp } from '../../app-under-test/test-app.ts'

function say(...words: string[]) {
  return [...words.map(text), end(words.length)]
}

describe('an answer that is not streamed', () => {
  test('has the exact shape of a chat completion', async () => {
    const { app } = testApp({ script: { choices: [say('Good', ' day')] }, timers: manualTimers() })
    const response = await app.request(...chatRequest({ model: 'big' }))
    expect(response.status).toBe(200)
    const body = await response.json()
    expect(body).toEqual({
      id: expect.stringMatching(/^chatcmpl-[\da-f]{32}$/),
      object: 'chat.completion',
      created: 1_800_000_000,
      model: 'big',
      system_fingerprint: 'costeer',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Good day', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    })
  })

  test('holds n choices in order, whichever ends first, and adds up their tokens', async () => {
    const { promise, resolve } = deferred()
    const { app } = testApp({
      script: {
        choices: [
          [wait(promise), ...say('slow')],
          [text('quick'), { type: 'do', action: resolve }, end(5, 'length')],
        ],
      },
    })
    const body = await completionOf(await app.request(...chatRequest({ n: 2 })))
    expect(body.choices.map(({ message }) => message.content)).toEqual(['slow', 'quick'])
    expect(body.choices[1]).toMatchObject({ index: 1, finish_reason: 'length' })
    expect(body.usage.completion_tokens).toBe(6)
  })

  test('echoes the name that the client sent, and the default model when it sent none', async () => {
    const { app, gateway } = testApp({ script: { choices: [say('x')] } })
    expect((await completionOf(await app.request(...chatRequest({ model: 'acme/alias' })))).model).toBe(
      'acme/alias',
    )
    expect((await completionOf(await app.request(...chatRequest({})))).model).toBe('big')
    expect(gateway.requests.map(({ model }) => model)).toEqual(['acme/alias', 'big'])
  })

  test('reports log-probabilities with the real bytes of partial characters', async () => {
    const half = { token: tokenId(5), bytes: Uint8Array.of(0xe2, 0x82), logprob: -0.5 }
    const other = { token: tokenId(6), bytes: new TextEncoder().encode('€'), logprob: -Infinity }
    const tokens = [{ ...half, alternatives: [half, other] }]
    const { app } = testApp({
      script: { choices: [[{ type: 'text-delta', text: '€', tokens }, end(1)]] },
    })
    const body = await completionOf(await app.request(...chatRequest({ logprobs: true, top_logprobs: 2 })))
    const entry = { token: '\uFFFD', logprob: -0.5, bytes: [0xe2, 0x82] }
    expect(body.choices[0]?.logprobs).toEqual({
      content: [
        {
          ...entry,
          top_logprobs: [entry, { token: '€', logprob: -9999, bytes: [0xe2, 0x82, 0xac] }],
        },
      ],
      refusal: null,
    })
  })

  test.each([
    [{ state: 'on', profile: 'ann' }, 'on'],
    [{ state: 'off' }, 'off'],
    [{ state: 'bypassed', reason: 'no profile\r\nx: y' }, 'bypassed; reason=no-profile-x-y'],
  ] as const)('says in a header how it was steered: %j', async (steering, header) => {
    const { app } = testApp({ script: { choices: [say('x')], steering } })
    for (const stream of [false, true]) {
      const response = await app.request(...chatRequest({ stream }))
      expect(response.headers.get('x-costeer-steering')).toBe(header)
    }
  })

  test("carries a request id, the caller's own when it is harmless", async () => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    const own = await app.request(...chatRequest({}, { 'x-request-id': 'abc-1' }))
    expect(own.headers.get('x-request-id')).toBe('abc-1')
    const odd = await app.request(...chatRequest({}, { 'x-request-id': 'a b<script>' }))
    expect(odd.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
  })

  test('fails when a choice ends without its last event', async () => {
    const { app } = testApp({ script: { choices: [[text('half')]] } })
    const response = await app.request(...chatRequest({}))
    expect(response.status).toBe(500)
    expect(await errorOf(response)).toMatchObject({ code: 'internal_error', type: 'server_error' })
  })
})
