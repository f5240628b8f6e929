import Anthropic, { APIError, AuthenticationError, BadRequestError } from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import { listening, until } from '../../proxy/app-under-test/listening-app.ts'
import { manualTimers } from '../../proxy/app-under-test/manual-timers.ts'
import { call, end, type Script, type Step, text } from '../../proxy/app-under-test/scripted-gateway.ts'

const hello = { model: 'big', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hello' }] }
const said: Step[] = [text('Good'), text(' day'), end(2)]

async function client(script: Script, options: Partial<Parameters<typeof listening>[0]> = {}) {
  const server = await listening({ script, ...options })
  return { anthropic: new Anthropic({ baseURL: server.url, apiKey: 'any-key', maxRetries: 0 }), ...server }
}

describe("Anthropic's own client", () => {
  test('reads a whole message, and sends its key as one of ours', async () => {
    const { anthropic, gateway } = await client({ choices: [said] })
    const { data, response } = await anthropic.messages
      .create({ ...hello, system: 'Be brief.', metadata: { user_id: 'u1' } })
      .withResponse()
    expect(data).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'big',
      content: [{ type: 'text', text: 'Good day' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 7, output_tokens: 2 },
    })
    expect(data.id).toMatch(/^msg_/)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(gateway.requests[0]).toMatchObject({
      caller: { apiKey: 'any-key', user: 'u1' },
      prompt: { messages: [{ role: 'system', content: 'Be brief.' }, hello.messages[0]] },
      maxTokens: 64,
    })
  })

  test('reads thoughts, text and calls from a stream as from a whole message', async () => {
    const steps: AnswerEvent[] = [
      { type: 'reasoning-delta', text: 'Oslo, ' },
      { type: 'reasoning-delta', text: 'then.' },
      text('Grüße'),
      text(' 👋'),
      ...call(0, 'call_1', 'weather', '{"city":', '"Oslo"}'),
      ...call(1, 'call_2', 'time', '{}'),
      { type: 'answer-end', finishReason: 'tool_calls', completionTokens: 12, reasoningTokens: 4 },
    ]
    const { anthropic } = await client({ choices: [steps] })
    const stream = anthropic.messages.stream(hello)
    const types: string[] = []
    stream.on('streamEvent', ({ type }) => types.push(type))
    const streamed = await stream.finalMessage()
    const whole = await anthropic.messages.create(hello)
    for (const message of [streamed, whole]) {
      expect(message).toMatchObject({
        content: [
          { type: 'thinking', thinking: 'Oslo, then.', signature: '' },
          { type: 'text', text: 'Grüße 👋' },
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'call_2', name: 'time', input: {} },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 7, output_tokens: 12, output_tokens_details: { thinking_tokens: 4 } },
      })
    }
    expect(types[0]).toBe('message_start')
    expect(types.filter((type) => /block_st/.test(type))).toEqual(
      Array(4).fill(['content_block_start', 'content_block_stop']).flat(),
    )
    expect(types.slice(-2)).toEqual(['message_delta', 'message_stop'])
  })

  test.each([
    ['end_turn', null, end(1)],
    ['max_tokens', null, end(1, 'length')],
    ['stop_sequence', '###', { ...end(1), stopString: '###' }],
  ])('reads why an answer ended: %s', async (reason, sequence, last) => {
    const { anthropic } = await client({ choices: [[text('x'), last]] })
    const body = { ...hello, stop_sequences: ['###'] }
    const whole = await anthropic.messages.create(body)
    const streamed = await anthropic.messages.stream(body).finalMessage()
    for (const { stop_reason, stop_sequence } of [whole, streamed]) {
      expect([stop_reason, stop_sequence]).toEqual([reason, sequence])
    }
  })

  test('skips pings, in silences and with traces', async () => {
    const timers = manualTimers()
    const silence: Step = { type: 'do', action: () => timers.advance(15_000) }
    const sent: AnswerEvent = {
      type: 'upstream-sent',
      atMs: 0,
      request: { method: 'POST', path: '/completion', body: '{}' },
    }
    const script = { choices: [[sent, text('Good'), silence, text(' day'), end(2)]] }
    const { anthropic } = await client(script, { timers })
    const headers = { 'x-costeer-trace': '1' }
    const { data, response } = await anthropic.messages
      .create({ ...hello, stream: true }, { headers })
      .withResponse()
    const types: string[] = []
    for await (const { type } of data) types.push(type)
    expect(response.headers.get('content-type')).toMatch('text/event-stream')
    expect(new Set(types)).not.toContain('ping')
    expect(types.filter((type) => type === 'content_block_delta')).toHaveLength(2)
  })

  test('counts tokens', async () => {
    const { anthropic, gateway } = await client({ choices: [said], promptTokens: 42 })
    const { max_tokens: _none, ...counted } = hello
    expect(await anthropic.messages.countTokens(counted)).toEqual({ input_tokens: 42 })
    expect(gateway.pulled()).toBe(0)
  })

  test('throws what it throws before Anthropic, streamed and not', async () => {
    const tooLong = new GatewayError('context_length_exceeded', 'Too long.', { param: 'messages' })
    const onPrepare = () => {
      throw tooLong
    }
    const { anthropic } = await client({ choices: [said], onPrepare })
    for (const asked of [anthropic.messages.create(hello), anthropic.messages.stream(hello).finalMessage()]) {
      const error = await asked.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(BadRequestError)
      expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' })
    }
    const { url } = await listening({
      script: { choices: [said] },
      server: { keys: [{ key: 'sk-plain', admin: false }] },
    })
    const stranger = new Anthropic({ baseURL: url, apiKey: 'sk-other', maxRetries: 0 })
    await expect(stranger.messages.create(hello)).rejects.toThrow(AuthenticationError)
    const known = new Anthropic({ baseURL: url, apiKey: 'sk-plain', maxRetries: 0 })
    expect((await known.messages.create(hello)).stop_reason).toBe('end_turn')
  })

  test('throws when a stream breaks', async () => {
    const broken = { type: 'fail' as const, error: new GatewayError('upstream_timeout', 'Late.') }
    const { anthropic } = await client({ choices: [[text('Good'), broken]] })
    const stream = anthropic.messages.stream(hello)
    const error = await stream.finalMessage().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ type: 'timeout_error' })
  })

  test('stops the answer when it goes away', async () => {
    const { anthropic, gateway } = await client({ choices: [[text('Good'), { type: 'hang' }]] })
    const stream = anthropic.messages.stream(hello)
    for await (const event of stream) if (event.type === 'content_block_delta') break
    await until(() => gateway.ended() === 1)
  })
})
