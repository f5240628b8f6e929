import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../../src/gateway-error.ts'
import { openPassthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import { type Arrived, listeningServer } from '../../upstream/listening-server.ts'
import { chatRequest, errorOf, testApp } from '../app-under-test.ts'
import { listening, until } from '../listening.ts'
import { end, type Script, text } from '../scripted-gateway.ts'

type Answer = Parameters<typeof listeningServer>[0]

const choices: Script['choices'] = [[text('steered'), end(1)]]
const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }]

/** The app before a server that answers what the gateway cannot. */
async function withServer(answer: Answer, tellsEveryToken = true) {
  const server = await listeningServer(answer)
  const passthrough = openPassthrough({ url: server.url, model: 'up', apiKey: 'server-key' })
  const script: Script = { choices, upstream: { passthrough, tellsEveryToken } }
  return { behind: server, script, ...testApp({ script }) }
}

const echo: Answer = (response, { url, body }: Arrived) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ model: 'up', url, received: body.toString() }))
}

const echoed = z.object({ model: z.string(), received: z.string() })

describe('a chat request that cannot be steered', () => {
  test.each([
    ['tools', { tools }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x', tool_call_id: 'a' }] }],
    ['repetition_penalty', { repetition_penalty: 1.1 }],
  ])('is answered by the server: %s', async (field, fields) => {
    const { app, gateway, behind, registry } = await withServer(echo)
    const body = { model: 'big', costeer: { profile: 'ann' }, seed: 1, ...fields }
    const response = await app.request(
      ...chatRequest(body, { authorization: 'Bearer client-key', 'x-costeer-profile': 'ann' }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
    const reply = echoed.parse(await response.json())
    expect(reply.model).toBe('big')
    const { costeer: _costeer, ...sent } = { ...JSON.parse(chatRequest(body)[1].body as string), model: 'up' }
    expect(JSON.parse(reply.received)).toEqual(sent)
    expect(behind.arrived[0]?.headers.authorization).toBe('Bearer server-key')
    expect(JSON.stringify(behind.arrived)).not.toContain('ann')
    expect(gateway.requests).toEqual([])
    expect(await registry.metrics()).toContain('status="200",steering="bypassed",error_type=""} 1')
  })

  test('gets the model of the first name when it sends none', async () => {
    const { app } = await withServer(echo)
    const reply = echoed.parse(await (await app.request(...chatRequest({ tools }))).json())
    expect([JSON.parse(reply.received).model, reply.model]).toEqual(['up', 'big'])
  })

  test('may hold fields that only the server knows, but not because of them', async () => {
    const { app, behind } = await withServer(echo)
    const both = await app.request(...chatRequest({ temprature: 1, tools }))
    expect(both.headers.get('x-costeer-steering')).toBe('bypassed; reason=tools')
    const response = await app.request(...chatRequest({ temprature: 1 }))
    expect(await errorOf(response)).toMatchObject({ param: 'temprature' })
    expect(behind.arrived).toHaveLength(1)
  })

  test('is refused by name when the model has no server', async () => {
    const { app } = testApp({ script: { choices } })
    const response = await app.request(...chatRequest({ tools }))
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'tools' })
  })

  test('may be one whose bias can only be honoured by the server', async () => {
    const bias = { logit_bias: { '5': 3 } }
    const able = await withServer(echo)
    expect((await able.app.request(...chatRequest(bias))).headers.get('x-costeer-steering')).toBe('on')
    const unable = await withServer(echo, false)
    const { headers } = await unable.app.request(...chatRequest(bias))
    expect(headers.get('x-costeer-steering')).toBe('bypassed; reason=logit_bias')
    const ban = await unable.app.request(...chatRequest({ logit_bias: { '5': -100 } }))
    expect(ban.headers.get('x-costeer-steering')).toBe('on')
  })

  test.each(['presence_penalty', 'frequency_penalty'])(
    'is named by the field that raises tokens where the upstream does not tell them all: %s',
    async (field) => {
      const unable = await withServer(echo, false)
      const { headers } = await unable.app.request(...chatRequest({ [field]: -1 }))
      expect(headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
      const lowered = await unable.app.request(...chatRequest({ [field]: 1 }))
      expect(lowered.headers.get('x-costeer-steering')).toBe('on')
    },
  )

  test("keeps the server's refusals in its own words", async () => {
    const { app } = await withServer((response) => {
      response.writeHead(422, { 'content-type': 'application/json', 'retry-after': '3' })
      response.end('{"error":{"message":"no tools here","type":"odd","param":null,"code":17}}')
    })
    const response = await app.request(...chatRequest({ tools }))
    expect([response.status, response.headers.get('retry-after')]).toEqual([422, '3'])
    expect(await response.text()).toBe(
      '{"error":{"message":"no tools here","type":"odd","param":null,"code":17}}',
    )
  })

  test('says in our words that there is no server', async () => {
    const passthrough = openPassthrough({ url: 'http://127.0.0.1:9', model: 'up' })
    const { app } = testApp({ script: { choices, upstream: { passthrough, tellsEveryToken: true } } })
    const response = await app.request(...chatRequest({ tools }))
    expect(response.status).toBe(502)
    expect(await errorOf(response)).toMatchObject({ code: 'upstream_unreachable' })
  })
})

describe('over a socket', () => {
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
    const { script } = await withServer(stream)
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
    const { url } = await listening({ script: { choices, upstream: { passthrough, tellsEveryToken: true } } })
    const [path, init] = chatRequest({ model: 'big', tools, stream: true })
    const response = await fetch(`${url}${path}`, init)
    expect(await response.text()).toBe(bytes)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
  })

  test('a stream that breaks off ends with an error event', async () => {
    const { script } = await withServer((response) => {
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
    const { script } = await withServer((response) => {
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
    const { script, behind } = await withServer((response) => {
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
    const { script, behind } = await withServer(() => {})
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

describe('a route that is not ours', () => {
  test('is answered by the server', async () => {
    const { app, behind } = await withServer(echo)
    const response = await app.request('/v1/embeddings?x=1', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"big","input":[1.0],"costeer":{}}',
    })
    expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=route')
    expect(await response.json()).toEqual({
      model: 'big',
      url: '/v1/embeddings?x=1',
      received: '{"model":"up","input":[1.0]}',
    })
    await app.request('/v1/files/a%2Fb', { method: 'DELETE' })
    expect(behind.arrived[1]).toMatchObject({ method: 'DELETE', url: '/v1/files/a%2Fb' })
    expect(behind.arrived[1]?.body).toHaveLength(0)
  })

  test('adds no model to a body without one', async () => {
    const { app, behind } = await withServer(echo)
    await app.request('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"x":1}',
    })
    expect(behind.arrived[0]?.body.toString()).toBe('{"x":1}')
  })

  test('takes forms, and replies without a body', async () => {
    const { app, behind } = await withServer((response) => {
      response.writeHead(204)
      response.end()
    })
    const form = new FormData()
    form.set('model', 'big')
    form.set('file', new Blob(['abc']), 'a.txt')
    const response = await app.request('/v1/audio/transcriptions', { method: 'POST', body: form })
    expect(response.status).toBe(204)
    expect(behind.arrived[0]?.body.toString()).toMatch(/name="model"\r\n\r\nup\r\n/)
  })

  test('leads nowhere but below /v1', async () => {
    const { app, behind } = await withServer(echo)
    for (const path of ['/v1/a/..%2f..%2fadmin', '/v1/%2e%2e%2fadmin', '/v1/..%5cadmin', '/v1/a%00b']) {
      const response = await app.request(path)
      expect([path, response.status]).toEqual([path, 404])
    }
    expect((await app.request('/v1/../admin')).status).toBe(404)
    expect(behind.arrived).toEqual([])
  })

  test('is a 404 when the model has no server, and the methods of our own routes a 405', async () => {
    const { app } = testApp({ script: { choices } })
    const unknown = await app.request('/v1/embeddings', { method: 'POST', body: '{}' })
    expect(unknown.status).toBe(404)
    expect(await errorOf(unknown)).toMatchObject({ code: 'unknown_url' })
    const method = await app.request('/v1/chat/completions', { method: 'PATCH' })
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('reports a model that the gateway does not know', async () => {
    const script: Script = { choices }
    const { app, gateway } = testApp({ script })
    gateway.upstreamOf = () => {
      throw new GatewayError('model_not_found', 'No such model.', { param: 'model' })
    }
    const body = '{"model":"nobody"}'
    const headers = { 'content-type': 'application/json' }
    const response = await app.request('/v1/embeddings', { method: 'POST', headers, body })
    expect(await errorOf(response)).toMatchObject({ code: 'model_not_found' })
  })
})
