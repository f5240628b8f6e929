import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/gateway-error.ts'
import {
  responseEventSchema,
  responseObjectSchema,
} from '../../../../src/proxy/answers/responses/response-object-schema.ts'
import { tokenId } from '../../../../src/steer/token-id.ts'
import { openPassthrough } from '../../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../../upstream/http/listening-server.ts'
import { listening } from '../../app-under-test/listening-app.ts'
import { end, type Script, type Step, text } from '../../app-under-test/scripted-gateway.ts'
import { errorOf, testApp } from '../../app-under-test/test-app.ts'
import { eventData } from '../../sse/sse-reading.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}

function post(body: object): [string, RequestInit] {
  return [
    '/v1/responses',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Hello', ...body }),
    },
  ]
}

async function accepted(body: object) {
  const { app, gateway } = testApp({ script: { choices: [say('x')] } })
  const response = await app.request(...post(body))
  expect(await response.json()).toMatchObject({ object: 'response' })
  const request = gateway.requests[0]
  if (request === undefined) throw new Error('the gateway was not asked')
  return request
}

async function refusedField(body: object) {
  const { app, gateway } = testApp({ script: { choices: [say('x')] } })
  const response = await app.request(...post(body))
  expect([response.status, gateway.requests]).toEqual([400, []])
  return (await errorOf(response)).param
}

async function client(script: Script) {
  const server = await listening({ script })
  return { openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'x', maxRetries: 0 }), ...server }
}

describe('a response request', () => {
  test("has OpenAI's defaults", async () => {
    const { signal: _signal, ...request } = await accepted({})
    expect(request).toEqual({
      model: 'big',
      prompt: { type: 'chat', messages: [{ role: 'user', content: 'Hello' }] },
      sampling: { temperature: 1, topP: 1, topK: 0 },
      stop: [],
      trace: false,
      choices: 1,
      caller: {},
      overrides: {},
    })
  })

  test('is a conversation of instructions and messages', async () => {
    const { prompt } = await accepted({
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'In German.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_text', text: 'b' },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        {
          type: 'message',
          id: 'msg_1',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'c', annotations: [], logprobs: [] }],
        },
        { role: 'user', content: '' },
      ],
    })
    expect(prompt).toEqual({
      type: 'chat',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: 'In German.' },
        { role: 'user', content: 'a\nb' },
        { role: 'assistant', content: 'c' },
        { role: 'user', content: '' },
      ],
    })
  })

  test.each([
    [{}, ''],
    [{ content: null }, ''],
    [{ content: [] }, ''],
    [{ type: 'message', content: null, status: 'completed' }, ''],
    [{ content: [{ type: 'refusal', refusal: 'No.' }] }, 'No.'],
  ])('may hold an assistant that said nothing, or refused: %j', async (turn, content) => {
    const { prompt } = await accepted({ input: [{ role: 'assistant', ...turn }] })
    expect(prompt).toEqual({ type: 'chat', messages: [{ role: 'assistant', content }] })
  })

  test('drops and names fields that nobody knows', async () => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    const part = { type: 'output_text', text: 'x', annotations: [], role: 'assistant', refusal: null }
    const input = [{ role: 'assistant', content: [part], providerData: {} }]
    const body = { input, client_metadata: { a: 'b' }, session_id: 's', thinking: {} }
    const { status, headers } = await app.request(...post(body))
    expect(status).toBe(200)
    expect(headers.get('x-costeer-ignored')?.split(', ')).toEqual([
      'client_metadata',
      'session_id',
      'thinking',
      'input[].providerData',
      'input[].content[].annotations',
      'input[].content[].role',
    ])
  })

  test('has no limit with max_output_tokens: -1', async () => {
    expect((await accepted({ max_output_tokens: -1 })).maxTokens).toBeUndefined()
  })

  test('passes sampling, limits and overrides on', async () => {
    const request = await accepted({
      temperature: 0,
      top_p: 0.5,
      max_output_tokens: 9,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      top_logprobs: 3,
      user: 'u1',
      costeer: { profile: 'ann', strength: 0.5, seed: 4 },
    })
    expect(request).toMatchObject({
      sampling: { temperature: 0, topP: 0.5, seed: 4 },
      maxTokens: 9,
      topLogprobs: 3,
      caller: { user: 'u1', profile: 'ann' },
      overrides: { strength: 0.5 },
    })
  })

  test.each([
    ['input', ''],
    ['input', []],
    ['input', [{ type: 'reasoning' }]],
    ['input[0].role', [{ content: 'x' }]],
    ['input[0].content', [{ role: 'user' }]],
    ['input[0].content[0].text', [{ role: 'user', content: [{ type: 'input_text' }] }]],
    ['input[0].type', [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }]],
    ['input[0].content[0].type', [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }]],
  ])('is refused with %s in %j', async (field, input) => {
    expect(await refusedField({ input })).toBe(field)
  })

  test.each([
    ['previous_response_id', 'resp_1'],
    ['tool_choice', 'required'],
    ['text', { format: { type: 'json_object' } }],
    ['background', true],
    ['conversation', 'conv_1'],
    ['truncation', 'auto'],
    ['prompt', { id: 'p' }],
    ['max_output_tokens', 0],
  ])('is refused by name with %s: %j', async (field, value) => {
    expect(await refusedField({ [field]: value })).toBe(field)
  })

  test.each([
    { store: true },
    { store: false },
    { tools: [], tool_choice: 'auto', parallel_tool_calls: true },
    { text: { format: { type: 'text' }, verbosity: 'low' } },
    { reasoning: { effort: 'low' }, truncation: 'disabled', background: false },
    { previous_response_id: null, conversation: null },
  ])('is fine with %j', async (fields) => {
    await accepted(fields)
  })

  test('that steering cannot honour goes to the server, whose events are renamed', async () => {
    const server = await listeningServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('event: response.created\ndata: {"type":"response.created","response":{"model":"up"}}\n\n')
    })
    const upstream = {
      passthrough: openPassthrough({ url: server.url, model: 'up' }),
      tellsEveryToken: true,
      readsCalls: false,
    }
    const { app } = testApp({ script: { choices: [say('x')], upstream } })
    const response = await app.request(...post({ previous_response_id: 'resp_1', stream: true }))
    expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=previous_response_id')
    expect(await response.text()).toContain('"response":{"model":"big"}')
  })
})

describe("OpenAI's own client", () => {
  test('reads a whole response', async () => {
    const { openai } = await client({ choices: [say('Good', ' day')] })
    const { data, response } = await openai.responses
      .create({ model: 'acme/alias', input: 'Hello', metadata: { a: 'b' }, store: false, temperature: 0.5 })
      .withResponse()
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'acme/alias',
      output_text: 'Good day',
      metadata: { a: 'b' },
      temperature: 0.5,
      store: false,
      usage: { input_tokens: 7, output_tokens: 2, total_tokens: 9 },
    })
    expect(data.id).toMatch(/^resp_/)
    expect(data.output[0]?.id).toMatch(/^msg_/)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
  })

  test('reads a stream with its helper, and builds the same response from it', async () => {
    const { openai } = await client({ choices: [say('Grüße', ' 👋')] })
    const types: string[] = []
    const stream = openai.responses.stream({ model: 'big', input: 'Hello' })
    for await (const { type } of stream) types.push(type)
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    const final = await stream.finalResponse()
    expect(final).toMatchObject({ status: 'completed', output_text: 'Grüße 👋' })
    expect(final.usage?.output_tokens).toBe(2)
  })

  test('is told of an answer that was cut', async () => {
    const { openai } = await client({ choices: [[text('Good'), end(1, 'length')]] })
    const expected = {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: 'Good',
    }
    expect(await openai.responses.create({ model: 'big', input: 'Hello' })).toMatchObject(expected)
    const stream = openai.responses.stream({ model: 'big', input: 'Hello' })
    expect(await stream.finalResponse()).toMatchObject(expected)
  })

  test('throws when a stream breaks', async () => {
    const error = new GatewayError('upstream_timeout', 'The upstream fell silent.')
    const { openai } = await client({ choices: [[text('Good'), { type: 'fail', error }]] })
    const stream = openai.responses.stream({ model: 'big', input: 'Hello' })
    await expect(stream.finalResponse()).rejects.toMatchObject({ code: 'upstream_timeout' })
  })

  test('gets a status for what fails before the first token', async () => {
    const error = new GatewayError('context_length_exceeded', 'Too long.')
    const { openai } = await client({ choices: [[{ type: 'fail', error }]] })
    const asking = openai.responses.create({ model: 'big', input: 'Hello', stream: true })
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
  })
})

test('a traced response tells how its tokens came about, streamed or not', async () => {
  const sent: Step = { type: 'upstream-sent', atMs: 1, request: { method: 'POST', path: '/x', body: '{}' } }
  const { openai } = await client({ choices: [[sent, ...say('Good')]] })
  const ask = { model: 'big', input: 'Hello' }
  const traced = { headers: { 'x-costeer-trace': '1' } }
  const expected = { type: 'upstream-request', choice: 0, atMs: 1, method: 'POST', path: '/x', body: '{}' }
  expect(await openai.responses.create(ask, traced)).toMatchObject({ costeer: [expected] })
  expect(await openai.responses.create(ask)).not.toHaveProperty('costeer')
  const stream = openai.responses.stream(ask, traced)
  const events: object[] = []
  for await (const event of stream) events.push(event)
  expect(events).toContainEqual(expect.objectContaining({ delta: '', costeer: expected }))
  expect((await stream.finalResponse()).output_text).toBe('Good')
})

describe('the events of a response', () => {
  const alternatives = [{ token: tokenId(2), bytes: new TextEncoder().encode('Bad'), logprob: -3 }]
  const token = { token: tokenId(1), bytes: new TextEncoder().encode('Good'), logprob: -0.1, alternatives }
  const choices: Script['choices'] = [
    [{ type: 'text-delta', text: 'Good', tokens: [token] }, text(' day'), end(2)],
  ]

  test('are numbered, named, and as the schema says', async () => {
    const { app } = testApp({ script: { choices } })
    const response = await app.request(...post({ stream: true, include: ['message.output_text.logprobs'] }))
    const body = await response.text()
    const names = [...body.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)
    const events = eventData([body]).map((event) => responseEventSchema.parse(JSON.parse(event)))
    expect(events.map(({ type }) => type)).toEqual(names)
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index))
    expect(body).not.toContain('[DONE]')
    const delta = events.find((event) => event.type === 'response.output_text.delta')
    expect(delta?.logprobs).toMatchObject([{ token: 'Good', top_logprobs: [{ token: 'Bad' }] }])
  })

  test('end like the whole response', async () => {
    const { app } = testApp({ script: { choices } })
    const whole = responseObjectSchema.parse(await (await app.request(...post({}))).json())
    const body = await (await app.request(...post({ stream: true }))).text()
    const last = responseEventSchema.parse(JSON.parse(eventData([body]).at(-1) ?? ''))
    if (last.type !== 'response.completed') throw new Error(`the last event is ${last.type}`)
    const withoutIds = ({
      id: _id,
      created_at: _created,
      completed_at: _completed,
      output,
      ...rest
    }: typeof whole) => ({
      ...rest,
      output: output.map(({ id: _item, ...item }) => item),
    })
    expect(withoutIds(last.response)).toEqual(withoutIds(whole))
  })
})
