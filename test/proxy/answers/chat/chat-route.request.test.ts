import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PublicPrompt } from '../../../../src/gateway/answer-request.ts'
import { chatFields } from '../../../../src/proxy/answers/chat/chat-fields.ts'
import { end, text } from '../../app-under-test/scripted-gateway.ts'
import { chatRequest, errorOf, hello, testApp } from '../../app-under-test/test-app.ts'

/** The fields of one fate. */
function fieldsThatAre(fate: 'honoured' | 'harmless' | 'neutral') {
  return Object.entries(chatFields).flatMap(([field, row]) => (row.fate === fate ? field : []))
}

const script = { choices: [[text('x'), end(1)]] }

/** The request as the gateway gets it. */
async function accepted(body: object, headers: Record<string, string> = {}) {
  const { app, gateway } = testApp({ script })
  const response = await app.request(...chatRequest(body, headers))
  expect(await response.text()).toContain('chat.completion')
  const request = gateway.requests[0]
  if (request === undefined) throw new Error('the gateway was not asked')
  return request
}

/** The field that the refusal names. */
async function refusedField(body: object, headers: Record<string, string> = {}) {
  const { app, gateway } = testApp({ script })
  const response = await app.request(...chatRequest(body, headers))
  expect(response.status).toBe(400)
  expect(gateway.requests).toEqual([])
  const error = await errorOf(response)
  expect(error).toMatchObject({ code: 'invalid_request', type: 'invalid_request_error' })
  expect(error.message).toContain(error.param ?? 'a field')
  return error.param
}

function messagesOf(prompt: PublicPrompt) {
  return prompt.type === 'chat' ? prompt.messages : []
}

describe('a chat request', () => {
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

  test('takes null for the default of every field that it honours', async () => {
    const nulls = fieldsThatAre('honoured')
      .filter((field) => field !== 'messages')
      .map((field) => [field, null])
    const { signal: _signal, ...request } = await accepted(Object.fromEntries(nulls))
    expect(request).toMatchObject({
      model: 'big',
      sampling: { temperature: 1, topP: 1, topK: 0 },
      choices: 1,
    })
    expect(request.maxTokens).toBeUndefined()
  })

  test('passes sampling, limits, stop strings and choices on', async () => {
    const request = await accepted({
      temperature: 0,
      top_p: 0.5,
      top_k: 40,
      seed: -3,
      n: 4,
      max_tokens: 9,
      stop: ['\n', 'END'],
      logprobs: true,
      top_logprobs: 5,
    })
    expect(request).toMatchObject({
      sampling: { temperature: 0, topP: 0.5, topK: 40, seed: -3 },
      choices: 4,
      maxTokens: 9,
      stop: ['\n', 'END'],
      topLogprobs: 5,
    })
  })

  test.each([
    ['', []],
    [[''], []],
    [[], []],
    [['', 'END'], ['END']],
    ['END', ['END']],
  ])('reads the stop strings %j, where empty ones are none', async (stop, expected) => {
    expect((await accepted({ stop })).stop).toEqual(expected)
  })

  test('takes the smaller of max_tokens and max_completion_tokens', async () => {
    expect((await accepted({ max_tokens: 5, max_completion_tokens: 3 })).maxTokens).toBe(3)
    expect((await accepted({ max_completion_tokens: 8 })).maxTokens).toBe(8)
    expect((await accepted({ max_tokens: 4, max_completion_tokens: null })).maxTokens).toBe(4)
  })

  test('reads logprobs without top_logprobs as no alternatives, and none as no report', async () => {
    expect((await accepted({ logprobs: true })).topLogprobs).toBe(0)
    expect((await accepted({ logprobs: false, top_logprobs: 0 })).topLogprobs).toBeUndefined()
  })

  test('maps roles and joins text parts', async () => {
    const { prompt } = await accepted({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        { role: 'assistant', content: 'c', refusal: null, tool_calls: [], annotations: [] },
        { role: 'user', content: '' },
      ],
    })
    expect(messagesOf(prompt)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'a\nb' },
      { role: 'assistant', content: 'c' },
      { role: 'user', content: '' },
    ])
  })

  test('passes biases, penalties and min_p on, and says nothing of neutral ones', async () => {
    const { sampling } = await accepted({
      logit_bias: { '5': -100, '7': 2.5, '9': 0 },
      presence_penalty: 0.5,
      frequency_penalty: -0.25,
      min_p: 0.05,
    })
    expect(sampling).toMatchObject({ minP: 0.05 })
    expect(sampling.adjustments).toEqual({
      bias: new Map([
        [5, -100],
        [7, 2.5],
      ]),
      presencePenalty: 0.5,
      frequencyPenalty: -0.25,
    })
    const neutral = { logit_bias: { '5': 0 }, presence_penalty: 0, frequency_penalty: 0, min_p: 0 }
    expect((await accepted(neutral)).sampling).toEqual({ temperature: 1, topP: 1, topK: 0 })
  })

  test('reads -1 as no top_k limit, and a top_p of 0 as the best token only', async () => {
    const { sampling } = await accepted({ top_k: -1, top_p: 0 })
    expect(sampling.topK).toBe(0)
    expect(sampling.topP).toBeGreaterThan(0)
    expect(sampling.topP).toBeLessThan(1e-12)
  })

  test.each([
    ['temperature', -0.1],
    ['temperature', 2.1],
    ['temperature', '1'],
    ['top_p', 1.1],
    ['top_p', -1],
    ['top_k', -2],
    ['top_k', 1.5],
    ['seed', 1.5],
    ['n', 0],
    ['n', 17],
    ['max_tokens', 0],
    ['max_tokens', -2],
    ['max_completion_tokens', 1.5],
    ['stop', 5],
    ['stop', Array.from({ length: 17 }, () => 'x')],
    ['frequency_penalty', 2.1],
    ['presence_penalty', -2.1],
    ['min_p', 1.1],
    ['logprobs', 1],
    ['top_logprobs', 21],
    ['top_logprobs', 2],
    ['stream', 'yes'],
    ['stream_options', { include_usage: true }],
    ['user', 7],
    ['model', ''],
    ['messages', []],
    ['messages', Array.from({ length: 2049 }, () => hello[0])],
    ['messages', 'hi'],
  ])('is refused with %s: %j', async (field, value) => {
    expect(await refusedField({ [field]: value })).toBe(field)
  })

  test.each([
    ['logit_bias.x', { x: 1 }],
    ['logit_bias.-1', { '-1': 1 }],
    ['logit_bias.5', { '5': 101 }],
  ])('is refused with %s', async (field, bias) => {
    expect(await refusedField({ logit_bias: bias })).toBe(field)
  })

  test.each([
    ['messages[0].role', { role: 'robot', content: 'x' }],
    ['messages[0].role', { role: 'tool', content: 'x', tool_call_id: 'a' }],
    ['messages[0].content', { role: 'user' }],
    ['messages[0].content', { role: 'system', content: null }],
    ['messages[0].content', { role: 'user', content: [] }],
    ['messages[0].content', { role: 'user', content: { type: 'text' } }],
    [
      'messages[0].content[0].type',
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] },
    ],
    [
      'messages[0].tool_calls',
      {
        role: 'assistant',
        content: 'x',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
  ])('names %s of a message', async (field, message) => {
    expect(await refusedField({ messages: [message] })).toBe(field)
  })
})

describe('overrides of a request', () => {
  test('come from the costeer field', async () => {
    const request = await accepted({
      user: 'u1',
      costeer: { profile: 'ann', strength: 0.5, seed: 4 },
      seed: 9,
    })
    expect(request.caller).toEqual({ user: 'u1', profile: 'ann' })
    expect(request.overrides).toEqual({ strength: 0.5 })
    expect(request.sampling.seed).toBe(4)
  })

  test('come from headers, unless the field says otherwise', async () => {
    const headers = { 'x-costeer-profile': 'bob', 'x-costeer-strength': '0' }
    const plain = await accepted({}, headers)
    expect([plain.caller.profile, plain.overrides.strength]).toEqual(['bob', 0])
    const both = await accepted({ costeer: { profile: 'ann', strength: 2 } }, headers)
    expect([both.caller.profile, both.overrides.strength]).toEqual(['ann', 2])
  })

  test('are checked', async () => {
    expect(await refusedField({ costeer: { strenght: 1 } })).toBe('costeer.strenght')
    expect(await refusedField({ costeer: { strength: -1 } })).toBe('costeer.strength')
    expect(await refusedField({ costeer: { strength: 21 } })).toBe('costeer.strength')
    for (const strength of ['much', '-1', '21', '1e3', '']) {
      expect(await refusedField({}, { 'x-costeer-strength': strength })).toBe('x-costeer-strength')
    }
  })

  test('take along what the headers of a front end say of its user, in the order of the list', async () => {
    const userHeaders = ['X-OpenWebUI-User-Id', 'x-openwebui-user-email']
    const { app, gateway } = testApp({ script, userHeaders })
    const [id, email] = ['7f', 'ann@example.org']
    const headers = { 'x-openwebui-user-email': email, 'x-openwebui-user-id': id, 'x-other-user': 'bob' }
    await (await app.request(...chatRequest({ user: 'u1' }, headers))).text()
    await (await app.request(...chatRequest({}, { 'x-openwebui-user-email': email }))).text()
    await (await app.request(...chatRequest({}, { 'x-other-user': 'bob' }))).text()
    expect(gateway.requests.map(({ caller }) => caller)).toEqual([
      { user: 'u1', frontEndUsers: [id, email] },
      { frontEndUsers: [email] },
      {},
    ])
    expect((await accepted({}, headers)).caller).toEqual({})
  })

  test("carry the caller's key", async () => {
    const { caller } = await accepted({}, { authorization: 'bearer  sk-1 ' })
    expect(caller.apiKey).toBe('sk-1')
  })
})

describe('fields that steering cannot honour', () => {
  test.each([
    ['tool_choice', 'required'],
    ['function_call', { name: 'f' }],
    ['response_format', { type: 'json_object' }],
    ['repetition_penalty', 1.1],
    ['structured_outputs', { json: {} }],
    ['stop_token_ids', [5]],
    ['best_of', 2],
    ['audio', { voice: 'x' }],
    ['modalities', ['text', 'audio']],
    ['web_search_options', {}],
    ['moderation', {}],
  ])('are refused by name: %s %j', async (field, value) => {
    expect(await refusedField({ [field]: value })).toBe(field)
  })

  test.each([
    ['tools', []],
    ['tool_choice', 'auto'],
    ['functions', []],
    ['function_call', 'none'],
    ['response_format', { type: 'text' }],
    ['repetition_penalty', 1],
    ['stop_token_ids', []],
    ['ignore_eos', false],
    ['best_of', 1],
    ['modalities', ['text']],
  ])('are fine with a value that asks for nothing: %s %j', async (field, value) => {
    await accepted({ [field]: value })
  })

  test('are fine as null', async () => {
    await accepted(Object.fromEntries(fieldsThatAre('neutral').map((field) => [field, null])))
  })

  test.each(fieldsThatAre('harmless'))('are not among the harmless ones: %s is accepted', async (field) => {
    await accepted({ [field]: { any: 'thing' } })
  })

  test.each([false, true])(
    'are named in the response when they had no effect (stream: %s)',
    async (stream) => {
      const { app } = testApp({ script })
      const body = {
        stream,
        ...(stream ? { stream_options: { include_obfuscation: true } } : {}),
        verbosity: 'low',
        store: false,
        metadata: null,
        messages: [
          { role: 'user', name: 'ann', content: [{ type: 'text', text: 'x', cache_control: {} }] },
          { role: 'user', name: 'bob', content: 'y' },
        ],
      }
      const { headers } = await app.request(...chatRequest(body))
      const streamed = stream ? ['stream_options.include_obfuscation'] : []
      const messages = ['messages[].name', 'messages[].content[].cache_control']
      expect(headers.get('x-costeer-ignored')?.split(', ')).toEqual(['verbosity', ...messages, ...streamed])
      expect((await app.request(...chatRequest({ temperature: 0 }))).headers.has('x-costeer-ignored')).toBe(
        false,
      )
    },
  )
})

/** What the response says had no effect. */
async function ignoredFields(body: object) {
  const { app } = testApp({ script })
  const response = await app.request(...chatRequest(body))
  expect(response.status).toBe(200)
  return response.headers.get('x-costeer-ignored')?.split(', ')
}

describe('fields that nobody knows', () => {
  test.each([
    ['client_metadata', { a: 'b' }],
    ['think', false],
    ['reasoning', { effort: 'low' }],
    ['session_id', 's'],
    ['options', { num_ctx: 8192 }],
    ['usage', { include: true }],
    ['constructor', 1],
    ['hasOwnProperty', 1],
  ])('are dropped and named: %s', async (field, value) => {
    expect(await ignoredFields({ [field]: value })).toEqual([field])
  })

  test('are named where they stand, once for all messages', async () => {
    const part = { type: 'text', text: 'x', role: 'assistant', refusal: null, annotations: [] }
    const messages = [
      { role: 'assistant', content: [part], mood: 'good', status: 'completed' },
      { role: 'assistant', content: [part, part], mood: 'bad' },
    ]
    expect(await ignoredFields({ messages })).toEqual([
      'messages[].mood',
      'messages[].status',
      'messages[].content[].role',
      'messages[].content[].annotations',
    ])
    const stream_options = { continuous_usage_stats: true, include_usage: true }
    const streamed = await ignoredFields({ stream: true, stream_options })
    expect(streamed).toEqual(['stream_options.continuous_usage_stats'])
  })

  test('ask for nothing as null', async () => {
    expect(await ignoredFields({ think: null, usage: null })).toBeUndefined()
  })

  test('have names that fit a header, whatever their text', async () => {
    const known = new Set(Object.keys(chatFields))
    const name = fc.string({ unit: 'binary', minLength: 1 }).filter((one) => !known.has(one))
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.constant(1), { minKeys: 1, noNullPrototype: true }),
        async (body) => {
          const ignored = await ignoredFields(body)
          expect(ignored?.join(', ')).toMatch(/^[\w.[\], -]+$/)
        },
      ),
      { numRuns: 50 },
    )
    const long = 'very '.repeat(1000)
    const many = Array.from({ length: 500 }, (_, index) => [`${index} ${long}`, 1])
    const ignored = await ignoredFields(Object.fromEntries(many))
    expect([ignored?.length, ignored?.at(-1)]).toEqual([33, '...'])
    expect(Math.max(...(ignored ?? []).map(({ length }) => length))).toBe(64)
  })
})

describe('an assistant that said nothing', () => {
  test.each([
    { content: null },
    {},
    { content: [] },
    { content: '' },
    { content: null, reasoning_content: 'hm' },
    { content: null, refusal: null, tool_calls: [], function_call: null, audio: null },
  ])('is an empty turn: %j', async (turn) => {
    const messages = [...hello, { role: 'assistant', ...turn }, ...hello]
    const { prompt } = await accepted({ messages })
    expect(messagesOf(prompt)).toEqual([...hello, { role: 'assistant', content: '' }, ...hello])
  })

  test.each([
    { content: null, refusal: 'No.' },
    { content: [], refusal: 'No.' },
    { content: [{ type: 'refusal', refusal: 'No.' }] },
    { content: [{ type: 'text', text: '', refusal: 'No.' }] },
  ])('but refused has said its refusal: %j', async (turn) => {
    const { prompt } = await accepted({ messages: [...hello, { role: 'assistant', ...turn }] })
    expect(messagesOf(prompt)).toEqual([...hello, { role: 'assistant', content: 'No.' }])
  })
})

test('a limit of -1 tokens is none', async () => {
  expect((await accepted({ max_tokens: -1 })).maxTokens).toBeUndefined()
  expect((await accepted({ max_completion_tokens: -1 })).maxTokens).toBeUndefined()
  expect((await accepted({ max_tokens: -1, max_completion_tokens: 3 })).maxTokens).toBe(3)
})

test('a conversation may be long', async () => {
  const messages = Array.from({ length: 500 }, () => hello).flat()
  expect(messagesOf((await accepted({ messages })).prompt)).toHaveLength(500)
})
