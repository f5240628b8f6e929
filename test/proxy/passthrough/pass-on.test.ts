import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../upstream/http/listening-server.ts'
import { listening, until } from '../app-under-test/listening-app.ts'
import { manualTimers } from '../app-under-test/manual-timers.ts'
import { chatRequest, errorOf } from '../app-under-test/test-app.ts'
import { type Answer, appBeforeServer, steeredChoices, tools } from './app-before-server.ts'

const json = { 'content-type': 'application/json' }
const user = { role: 'user', content: 'hi' }

describe('a request that is passed on', () => {
  const stream: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = (delta: object) =>
      `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'up', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
    const call = (part: string) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })
    response.write(
      chunk({
        role: 'assistant',
        tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }],
      }),
    )
    response.write(chunk(call('{"a"')))
    response.write(chunk(call(':1}')))
    response.end(
      'data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    )
  }

  test("OpenAI's client streams a tool call, renamed", async () => {
    const { script } = await appBeforeServer(stream)
    const { url } = await listening({ script })
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const completion = await openai.chat.completions
      .stream({ model: 'acme/alias', messages: [{ role: 'user', content: 'hi' }], tools })
      .finalChatCompletion()
    expect(completion).toMatchObject({
      model: 'acme/alias',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] },
        },
      ],
    })
  })

  test('every byte is as the server sent it when the names agree', async () => {
    const bytes = ': hello\r\n\r\ndata: {"model" : "big","x":1.0}\r\n\r\ndata: [DONE]\n\n'
    const server = await listeningServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(bytes)
    })
    const passthrough = openPassthrough({ url: server.url, model: 'big' })
    const { url } = await listening({
      script: {
        choices: steeredChoices,
        upstream: { passthrough, tellsEveryToken: true, readsCalls: false },
      },
    })
    const [path, init] = chatRequest({ model: 'big', tools, stream: true })
    const response = await fetch(`${url}${path}`, init)
    expect(await response.text()).toBe(bytes)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
  })

  /** Writes `sent`, and goes away. */
  function breaking(sent: string): Answer {
    return (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      if (sent !== '') response.write(sent)
      setImmediate(() => response.destroy())
    }
  }
  const half = 'data: {"choices":[{"delta":{"content":"lost'

  test.each([
    ['/v1/chat/completions', 'after an event', 'data: {"model":"up"}\n\n'],
    ['/v1/chat/completions', 'before any event', ''],
    ['/v1/chat/completions', 'inside an event', `data: {"model":"up"}\n\n${half}`],
    ['/v1/completions', 'inside an event', `data: {"model":"up"}\n\n${half}`],
    ['/v1/anything', 'inside an event', `data: {"model":"up"}\n\n${half}`],
  ])('a stream that breaks off ends with an error event: %s, %s', async (path, _, sent) => {
    const { script } = await appBeforeServer(breaking(sent))
    const { url, logged } = await listening({ script })
    const asked = { model: 'big', stream: true, tools, prompt: 'hi', suffix: 'x', messages: [user] }
    const { tools: _tools, prompt: _prompt, suffix: _suffix, ...chat } = asked
    const { messages: _messages, tools: _none, ...completion } = asked
    const body = path === '/v1/completions' ? completion : { ...chat, tools }
    const init = { method: 'POST', headers: json, body: JSON.stringify(body) }
    const text = await (await fetch(`${url}${path}`, init)).text()
    expect(text).toMatch(
      /^(data: \{"model":"big"\}\n\n)?data: \{"error":\{"message":".*","type":"server_error","param":null,"code":"upstream_unreachable"\}\}\n\n$/,
    )
    expect(text.includes('"model"')).toBe(sent !== '')
    await until(() => logged().includes('"msg":"request completed"'))
    expect(logged()).toContain('"error":"upstream_unreachable"')
  })

  describe('a stream of the Responses API that breaks off', () => {
    const created = {
      type: 'response.created',
      sequence_number: 3,
      response: {
        id: 'resp_1',
        object: 'response',
        created_at: 1,
        model: 'up',
        status: 'in_progress',
        output: [],
      },
    }
    const delta = { type: 'response.output_text.delta', sequence_number: 7, delta: 'Say "sequence_number":9' }
    const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

    async function read(sent: string) {
      const { script } = await appBeforeServer(breaking(sent))
      const { url } = await listening({ script })
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
      const tool = { type: 'function' as const, name: 'f', parameters: {}, strict: false }
      const stream = await openai.responses.create({ model: 'big', input: 'hi', stream: true, tools: [tool] })
      const events: OpenAI.Responses.ResponseStreamEvent[] = []
      const failure = await (async () => {
        for await (const next of stream) events.push(next)
        return null
      })().catch((error: unknown) => error)
      return { events, failure }
    }

    test.each([
      ['after an event', event(created) + event(delta), 'resp_1', 8],
      [
        'inside an event',
        `${event(created) + event(delta)}event: response.output_text.delta\n${half}`,
        'resp_1',
        8,
      ],
      ['after its first event', event(created), 'resp_1', 4],
      ['before any event', '', expect.stringMatching(/^resp_\w+$/), 0],
    ])("is a failed response for OpenAI's client: %s", async (_, sent, id, number) => {
      const { events, failure } = await read(sent)
      const failed = events.find(({ type }) => type === 'response.failed')
      expect(failed).toMatchObject({
        sequence_number: number,
        response: { id, status: 'failed', error: { code: 'upstream_unreachable' } },
      })
      // OpenAI's client throws at the event after it.
      expect(events.at(-1)).toBe(failed)
      expect(failure).toBeInstanceOf(OpenAI.APIError)
      expect(failure).toMatchObject({
        code: 'upstream_unreachable',
        message: expect.stringContaining('broke off'),
      })
      expect(JSON.stringify(events)).not.toContain('lost')
    })

    test("throws in OpenAI's stream helper", async () => {
      const { script } = await appBeforeServer(breaking(event(created)))
      const { url } = await listening({ script })
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
      const tool = { type: 'function' as const, name: 'f', parameters: {}, strict: false }
      const stream = openai.responses.stream({ model: 'big', input: 'hi', tools: [tool] })
      const seen: string[] = []
      stream.on('event', ({ type }) => seen.push(type))
      await stream.done().catch(() => {})
      expect(seen).toContain('response.failed')
    })
  })

  test("a stream of Anthropic's form that breaks off ends with their error event", async () => {
    const { script } = await appBeforeServer(
      breaking('event: message_start\ndata: {"type":"message_start"}\n\n'),
    )
    const { url } = await listening({ script })
    const init = { method: 'POST', headers: json, body: '{"model":"big","stream":true,"container":"c"}' }
    const text = await (await fetch(`${url}/v1/messages?beta=true`, init)).text()
    expect(text).toMatch(
      /event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":".*"[^}]*\}\}\n\n$/,
    )
  })

  test('comments fill the silence of a server, between events alone', async () => {
    let go = () => {}
    const { script } = await appBeforeServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"model"')
      go = () => response.end(':"up"}\n\n')
    })
    const timers = manualTimers()
    const { url } = await listening({ script, timers, server: { keep_alive_ms: 1000 } })
    const init = { method: 'POST', headers: json, body: '{"model":"big","stream":true}' }
    const { body } = await fetch(`${url}/v1/anything`, init)
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    const reading = reader?.read()
    await until(() => timers.waiting() > 0)
    timers.advance(1000)
    expect((await reading)?.value).toBe(': ping\n\n')
    go()
    let rest = ''
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
      rest += next.value
    expect(rest).toBe('data: {"model":"big"}\n\n')
  })

  test('JSON that breaks off is an error in our words', async () => {
    const { script } = await appBeforeServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"model":"up",')
      setImmediate(() => response.destroy())
    })
    const { url } = await listening({ script })
    const [path, init] = chatRequest({ model: 'big', tools })
    const response = await fetch(`${url}${path}`, init)
    expect(response.status).toBe(502)
    expect(await errorOf(response)).toMatchObject({ code: 'upstream_unreachable' })
  })

  test('a client that leaves ends the work at the server', async () => {
    const { script, behind } = await appBeforeServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"model":"up"}\n\n')
    })
    const { url, logged } = await listening({ script })
    const controller = new AbortController()
    const [path, init] = chatRequest({ tools, stream: true })
    const response = await fetch(`${url}${path}`, { ...init, signal: controller.signal })
    await response.body?.getReader().read()
    controller.abort()
    await until(() => behind.brokenOff() === 1)
    await until(() => logged().includes('"status":499'))
  })

  test('a client that leaves before the reply begins ends the work as well', async () => {
    const { script, behind } = await appBeforeServer(() => {})
    const { url } = await listening({ script })
    const controller = new AbortController()
    const [path, init] = chatRequest({ tools })
    const asking = fetch(`${url}${path}`, { ...init, signal: controller.signal }).catch(
      (error: unknown) => error,
    )
    await until(() => behind.arrived.length === 1)
    controller.abort()
    await asking
    await until(() => behind.brokenOff() === 1)
  })
})
