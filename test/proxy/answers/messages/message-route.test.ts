import { describe, expect, test } from 'vitest'
import { messageObjectSchema } from '../../../../src/proxy/answers/messages/message-object-schema.ts'
import { call, end, text } from '../../app-under-test/scripted-gateway.ts'
import { errorOf, hello, testApp } from '../../app-under-test/test-app.ts'
import { appBeforeServer, echo } from '../../passthrough/app-before-server.ts'

type Headers = Readonly<Record<string, string>>

function post(body: object, headers: Headers = {}, path = '/v1/messages'): [string, RequestInit] {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
  return [path, { ...init, body: JSON.stringify({ messages: hello, ...body }) }]
}

const choices = [[text('x'), end(1)]]

async function accepted(body: object, { readsCalls = false } = {}) {
  const { app, gateway } = testApp({ script: { choices, upstream: { readsCalls } } })
  const response = await app.request(...post(body))
  messageObjectSchema.parse(await response.json())
  const request = gateway.requests[0]
  if (request === undefined) throw new Error('the gateway was not asked')
  return request
}

async function refused(body: object, { readsCalls = false } = {}) {
  const { app, gateway } = testApp({ script: { choices, upstream: { readsCalls } } })
  const response = await app.request(...post(body))
  expect([response.status, gateway.requests]).toEqual([400, []])
  return (await errorOf(response)).param
}

const tools = [{ name: 'weather', description: 'Tells it.', input_schema: { type: 'object' } }]
const toolUse = { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Oslo' } }
const result = { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'Rain' }] }
const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }

describe('a request for a message', () => {
  test('has the defaults of all endpoints', async () => {
    const { signal: _signal, ...request } = await accepted({})
    expect(request).toEqual({
      model: 'big',
      prompt: { type: 'chat', messages: hello },
      sampling: { temperature: 1, topP: 1, topK: 0 },
      stop: [],
      trace: false,
      choices: 1,
      caller: {},
      overrides: {},
    })
  })

  test('is a conversation of texts; earlier thoughts are no part of it', async () => {
    const { prompt } = await accepted({
      system: [
        { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'In German.' },
      ],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'x' },
            { type: 'redacted_thinking', data: 'x' },
            { type: 'text', text: 'c' },
          ],
        },
        { role: 'user', content: 'd' },
      ],
    })
    expect(prompt).toEqual({
      type: 'chat',
      messages: [
        { role: 'system', content: 'Be brief.\nIn German.' },
        { role: 'user', content: 'a\nb' },
        { role: 'assistant', content: 'c' },
        { role: 'user', content: 'd' },
      ],
    })
  })

  test('has results of calls as turns ahead of what the user says beside them', async () => {
    const messages = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, toolUse] },
      { role: 'user', content: [result, { type: 'text', text: 'Well?' }] },
      { role: 'assistant', content: [toolUse] },
      { role: 'user', content: [result] },
    ]
    const { prompt } = await accepted({ messages, tools }, { readsCalls: true })
    const calls = [
      { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
    ]
    const rain = { role: 'tool', content: 'Rain', tool_call_id: 't1' }
    expect(prompt).toEqual({
      type: 'chat',
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: 'I look.', tool_calls: calls },
        rain,
        { role: 'user', content: 'Well?' },
        { role: 'assistant', content: '', tool_calls: calls },
        rain,
      ],
      tools: {
        tools: [
          {
            type: 'function',
            function: { name: 'weather', description: 'Tells it.', parameters: { type: 'object' } },
          },
        ],
        choice: 'auto',
        parallel: true,
      },
    })
  })

  test('says what else shapes the answer', async () => {
    const request = await accepted(
      {
        tools,
        tool_choice: { type: 'none', disable_parallel_tool_use: true },
        thinking: { type: 'enabled', budget_tokens: 1024 },
        output_config: { effort: 'low' },
        max_tokens: 9,
        stop_sequences: ['###', ''],
        temperature: 0.5,
        top_k: 4,
        top_p: 0.5,
        metadata: { user_id: 'u1' },
        costeer: { profile: 'ann', strength: 0.5, seed: 4 },
      },
      { readsCalls: true },
    )
    expect(request).toMatchObject({
      prompt: { thinking: { thinks: true, effort: 'low' }, tools: { choice: 'none', parallel: false } },
      sampling: { temperature: 0.5, topK: 4, topP: 0.5, seed: 4 },
      maxTokens: 9,
      stop: ['###'],
      caller: { user: 'u1', profile: 'ann' },
      overrides: { strength: 0.5 },
    })
  })

  test.each([
    ['disabled', { thinking: { thinks: false } }],
    ['adaptive', {}],
  ])('may say of thinking: %s', async (type, asked) => {
    const { prompt } = await accepted({ thinking: { type } })
    expect(prompt).toEqual({ type: 'chat', messages: hello, ...asked })
  })

  test.each([
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['system[0].text', { system: [{ type: 'text' }] }],
    [
      'messages[0].content[0].tool_use_id',
      { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] },
    ],
    ['metadata.user_id', { metadata: { user_id: 5 } }],
    ['max_tokens', { max_tokens: 0 }],
  ])('is refused for %s in %j', async (field, body) => {
    expect(await refused(body, { readsCalls: true })).toBe(field)
  })

  test.each([
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [image] }] }],
    [
      'messages[0].content[0].content[0].type',
      { messages: [{ role: 'user', content: [{ ...result, content: [image] }] }] },
    ],
    ['messages', { messages: [...hello, { role: 'assistant', content: 'Dear' }] }],
    ['tool_choice', { tools, tool_choice: { type: 'any' } }],
    ['tools', { tools: [{ type: 'web_search_20260209', name: 'web_search' }] }],
    ['output_config.format', { output_config: { format: { type: 'json_schema', schema: {} } } }],
    ['context_management', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
  ])("goes to the server's own route for %s in %j", async (field, body) => {
    const { app, gateway, behind } = await appBeforeServer(echo, true, true)
    const versions = { 'anthropic-version': '2023-06-01', 'x-api-key': 'secret-key' }
    const response = await app.request(...post(body, versions))
    expect(response.headers.get('x-costeer-steering')).toMatch('bypassed; reason=')
    expect([gateway.requests, behind.arrived[0]?.url]).toEqual([[], '/v1/messages'])
    expect(behind.arrived[0]?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' })
    expect(JSON.stringify(behind.arrived[0])).not.toContain('secret-key')
    if (field !== 'tools') expect(await refused(body, { readsCalls: true })).toBe(field)
  })

  test('names what had no effect', async () => {
    const { app } = testApp({ script: { choices } })
    const context_management = { edits: [{ type: 'clear_thinking_20251015' }] }
    const thinking = { type: 'enabled', budget_tokens: 1024 }
    const body = { tools, tool_choice: { type: 'auto' }, service_tier: 'auto', thinking, context_management }
    const { headers } = await app.request(...post(body))
    expect(headers.get('x-costeer-ignored')).toBe('tools, service_tier, thinking.budget_tokens')
  })
})

test('a call that the limit cut off is no part of a whole message', async () => {
  const cut = [text('I look.'), ...call(0, 't1', 'weather', '{"city":"Os').slice(0, -1), end(9, 'length')]
  const { app } = testApp({ script: { choices: [cut] } })
  const message = messageObjectSchema.parse(await (await app.request(...post({}))).json())
  expect([message.content.map(({ type }) => type), message.stop_reason]).toEqual([['text'], 'max_tokens'])
})

test("failures are told in Anthropic's form, on all paths below the route", async () => {
  const { app } = testApp({ script: { choices }, server: { keys: [{ key: 'sk-plain', admin: false }] } })
  for (const path of ['/v1/messages', '/v1/messages/count_tokens', '/v1/messages/batches', '/V1/Messages/']) {
    const response = await app.request(...post({}, {}, path))
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { type: 'error', error: { type: 'authentication_error', code: 'invalid_api_key' } },
    ])
  }
  const known = await app.request(...post({}, { 'x-api-key': 'sk-plain' }))
  expect(known.status).toBe(200)
})

test("the tokens of what steering cannot do are counted by the server's own route", async () => {
  const { app, behind } = await appBeforeServer(echo, true, true)
  const body = { messages: [{ role: 'user', content: [image] }] }
  await app.request(...post(body, {}, '/v1/messages/count_tokens'))
  expect(behind.arrived[0]?.url).toBe('/v1/messages/count_tokens')
})
