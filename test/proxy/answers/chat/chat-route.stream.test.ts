import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/gateway-error.ts'
import { tokenId } from '../../../../src/steer/token-id.ts'
import { manualTimers } from '../../app-under-test/manual-timers.ts'
import { deferred, end, type Step, text, wait } from '../../app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, testApp } from '../../app-under-test/test-app.ts'
import { streamOf } from '../../sse/sse-reading.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}
const timeout = new GatewayError('upstream_timeout', 'The upstream said nothing for 30 s.')

async function streamed(choices: readonly (readonly Step[])[], body: object = {}) {
  const { app } = testApp({ script: { choices }, timers: manualTimers() })
  const response = await app.request(...chatRequest({ model: 'big', stream: true, ...body }))
  return { response, ...(await streamOf(response)) }
}

describe('a streamed answer', () => {
  test('has the exact chunks of a chat completion stream', async () => {
    const { events, done } = await streamed([say('Good', ' day')])
    const chunk = (delta: object, finish: string | null = null) => ({
      id: expect.stringMatching(/^chatcmpl-[\da-f]{32}$/),
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model: 'big',
      system_fingerprint: 'costeer',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    })
    expect(events).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Good' }),
      chunk({ content: ' day' }),
      chunk({}, 'stop'),
    ])
    expect(done).toBe(true)
  })

  test('keeps one id, created, model and fingerprint over all chunks and choices', async () => {
    const { chunks } = await streamed([say('a', 'b'), say('c')], {
      n: 2,
      stream_options: { include_usage: true },
    })
    const identities = chunks().map(({ id, created, model, system_fingerprint }) =>
      JSON.stringify({ id, created, model, system_fingerprint }),
    )
    expect(new Set(identities).size).toBe(1)
  })

  test('sends usage in a chunk of its own with empty choices, and null before it, when asked', async () => {
    const { chunks, done } = await streamed([say('a', 'b'), say('c')], {
      n: 2,
      stream_options: { include_usage: true },
    })
    const all = chunks()
    expect(all.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    })
    expect(all.slice(0, -1).map(({ usage }) => usage)).toEqual(all.slice(1).map(() => null))
    expect(done).toBe(true)
  })

  test('has no usage key when usage was not asked for', async () => {
    const { events } = await streamed([say('a')])
    expect(events.some((event) => JSON.stringify(event).includes('usage'))).toBe(false)
  })

  test('interleaves choices as their events come, each with a role first and a reason last', async () => {
    const { promise, resolve } = deferred()
    const { chunks } = await streamed(
      [
        [text('a1'), wait(promise), text('a2'), end(2)],
        [text('b1'), text('b2'), { type: 'do', action: resolve }, end(2, 'length')],
      ],
      { n: 2 },
    )
    const choices = chunks().flatMap((chunk) => chunk.choices)
    const order = choices.map(({ index, delta }) => `${index}${delta.content ?? '$'}`)
    expect(order.indexOf('1b2')).toBeLessThan(order.indexOf('0a2'))
    for (const index of [0, 1]) {
      const own = choices.filter((choice) => choice.index === index)
      expect(own[0]?.delta).toEqual({ role: 'assistant', content: '' })
      expect(own.slice(1).every(({ delta }) => delta.role === undefined)).toBe(true)
      expect(own.map(({ finish_reason }) => finish_reason)).toEqual([
        ...own.slice(1).map(() => null),
        index === 0 ? 'stop' : 'length',
      ])
    }
  })

  test('gives an empty answer a role and a reason', async () => {
    const { chunks, done } = await streamed([[end(0, 'length')]])
    expect(chunks().flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason))).toEqual([
      null,
      'length',
    ])
    expect(done).toBe(true)
  })

  test('sends log-probabilities of tokens whose text is held back', async () => {
    const bytes = Uint8Array.of(0xe2)
    const report = { token: tokenId(1), bytes, logprob: -1, alternatives: [] }
    const { chunks } = await streamed(
      [
        [
          { type: 'text-delta', text: '', tokens: [report] },
          { type: 'text-delta', text: '', tokens: [] },
          end(1),
        ],
      ],
      { logprobs: true },
    )
    const entry = { token: '\uFFFD', logprob: -1, bytes: [0xe2], top_logprobs: [] }
    expect(chunks().map(({ choices }) => choices[0]?.logprobs)).toEqual([
      null,
      { content: [entry], refusal: null },
      null,
    ])
  })

  test('is marked as a stream that nobody may buffer', async () => {
    const { response } = await streamed([say('a')])
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(response.headers.get('x-request-id')).toMatch(/./)
  })
})

describe('a failure of a streamed answer', () => {
  test('before the first byte is JSON with a real status', async () => {
    const { app, gateway } = testApp({ script: { choices: [[{ type: 'fail', error: timeout }]] } })
    const response = await app.request(...chatRequest({ stream: true }))
    expect(response.status).toBe(504)
    expect(response.headers.get('content-type')).toMatch('application/json')
    expect((await errorOf(response)).code).toBe('upstream_timeout')
    expect(gateway.ended()).toBe(1)
  })

  test('after the first byte is an error event, and no [DONE] follows', async () => {
    const { events, done, response } = await streamed([[text('Good'), { type: 'fail', error: timeout }]])
    expect(response.status).toBe(200)
    expect(done).toBe(false)
    expect(events.at(-1)).toEqual({
      error: { message: timeout.message, type: 'server_error', param: null, code: 'upstream_timeout' },
    })
  })

  test('of one choice ends the others', async () => {
    const { app, gateway } = testApp({
      script: {
        choices: [
          [text('a'), { type: 'hang' }],
          [text('b'), { type: 'fail', error: timeout }],
        ],
      },
    })
    const { events, done } = await streamOf(await app.request(...chatRequest({ stream: true, n: 2 })))
    expect(done).toBe(false)
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_timeout' } })
    expect(gateway.ended()).toBeGreaterThanOrEqual(1)
  })

  test('that is a bug shows no message of its own', async () => {
    const error = new SyntaxError('Unexpected token in "secret words"')
    const { events } = await streamed([[text('a'), { type: 'fail', error }]])
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(events.at(-1)).toMatchObject({ error: { code: 'internal_error', type: 'server_error' } })
  })

  test('is seen too when a choice just stops', async () => {
    const { events, done } = await streamed([[text('a')]])
    expect(done).toBe(false)
    expect(events.at(-1)).toMatchObject({ error: { code: 'internal_error' } })
  })
})
