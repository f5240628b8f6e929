import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../upstream/listening-server.ts'
import { chatRequest, errorOf } from '../app-under-test.ts'
import { listening, until } from '../listening.ts'
import { type Answer, appBeforeServer, steeredChoices, tools } from './app-before-server.ts'

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
      script: { choices: steeredChoices, upstream: { passthrough, tellsEveryToken: true } },
    })
    const [path, init] = chatRequest({ model: 'big', tools, stream: true })
    const response = await fetch(`${url}${path}`, init)
    expect(await response.text()).toBe(bytes)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
  })

  test('a stream that breaks off ends with an error event', async () => {
    const { script } = await appBeforeServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"model":"up"}\n\n')
      setImmediate(() => response.destroy())
    })
    const { url, logged } = await listening({ script })
    const [path, init] = chatRequest({ model: 'big', tools, stream: true })
    const body = await (await fetch(`${url}${path}`, init)).text()
    expect(body).toContain('data: {"model":"big"}\n\n')
    expect(body).toMatch(
      /data: \{"error":\{"message":".*","type":"server_error","param":null,"code":"upstream_unreachable"\}\}\n\n$/,
    )
    await until(() => logged().includes('"msg":"request completed"'))
    expect(logged()).toContain('"error":"upstream_unreachable"')
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
