import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../../src/gateway/answer.ts'
import { listening } from '../../app-under-test/listening-app.ts'
import { call, text } from '../../app-under-test/scripted-gateway.ts'
import { appBeforeServer, echo } from '../../passthrough/app-before-server.ts'

const choice: AnswerEvent[] = [
  { type: 'reasoning-delta', text: 'Oslo, then.' },
  text('I shall look.'),
  ...call(0, 'call_1', 'weather', '{"city":', '"Oslo"}'),
  ...call(1, 'call_2', 'time', '{}'),
  { type: 'answer-end', finishReason: 'tool_calls', completionTokens: 12, reasoningTokens: 4 },
]
const weather = {
  type: 'function' as const,
  name: 'weather',
  description: 'Tells it.',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: true,
}
const time = { type: 'function' as const, name: 'time', parameters: null, strict: null }
const ask = { model: 'big', input: 'Weather and time in Oslo?', tools: [weather, time] }
const items = [
  { type: 'reasoning', status: 'completed', content: [{ type: 'reasoning_text', text: 'Oslo, then.' }] },
  { type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'I shall look.' }] },
  {
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'weather',
    arguments: '{"city":"Oslo"}',
    parsed_arguments: { city: 'Oslo' },
  },
  { type: 'function_call', status: 'completed', call_id: 'call_2', name: 'time', arguments: '{}' },
]

const embedded = { passthrough: null, readsCalls: false }

/** A gateway before a server whose calls can be read. */
async function client({ answer = choice, upstream = { ...embedded, readsCalls: true } } = {}) {
  const { url, gateway } = await listening({ script: { choices: [answer], upstream } })
  return { openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }), gateway }
}

describe('a steered response with calls', () => {
  test('has them as items behind its message', async () => {
    const { openai } = await client()
    const { response } = await openai.responses.create(ask).withResponse()
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(response.headers.get('x-costeer-ignored')).toBeNull()
    const data = await openai.responses.parse(ask)
    expect(data).toMatchObject({
      status: 'completed',
      output: items,
      output_text: 'I shall look.',
      tools: ask.tools,
      tool_choice: 'auto',
      parallel_tool_calls: true,
    })
    expect(new Set(data.output.map(({ id }) => id)).size).toBe(items.length)
    expect(data.output[2]?.id).toMatch(/^fc_/)
  })

  test("streams them as OpenAI's client puts them together, in OpenAI's order", async () => {
    const { openai } = await client()
    const stream = openai.responses.stream(ask)
    const events: [string, number | undefined][] = []
    const done: object[] = []
    for await (const event of stream) {
      events.push([
        event.type.replace('response.', ''),
        'output_index' in event ? event.output_index : undefined,
      ])
      if (event.type === 'response.function_call_arguments.done') done.push(event)
    }
    expect(events.slice(8)).toEqual([
      ['output_item.added', 1],
      ['content_part.added', 1],
      ['output_text.delta', 1],
      ['output_text.done', 1],
      ['content_part.done', 1],
      ['output_item.done', 1],
      ['output_item.added', 2],
      ['function_call_arguments.delta', 2],
      ['function_call_arguments.delta', 2],
      ['function_call_arguments.done', 2],
      ['output_item.done', 2],
      ['output_item.added', 3],
      ['function_call_arguments.delta', 3],
      ['function_call_arguments.done', 3],
      ['output_item.done', 3],
      ['completed', undefined],
    ])
    expect(done).toMatchObject([
      { name: 'weather', arguments: '{"city":"Oslo"}' },
      { name: 'time', arguments: '{}' },
    ])
    expect((await stream.finalResponse()).output).toMatchObject(items)
  })

  test('has an item for each thing that the model goes on to', async () => {
    const answer = [
      ...choice.slice(0, 6),
      text(' Now'),
      text(' think.'),
      ...choice.slice(0, 1),
      ...choice.slice(-1),
    ]
    const { openai } = await client({ answer })
    const whole = await openai.responses.create(ask)
    expect(whole.output.map(({ type }) => type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'message',
      'reasoning',
    ])
    expect(whole.output[3]).toMatchObject({ content: [{ text: ' Now think.' }] })
    const { output } = await openai.responses.stream(ask).finalResponse()
    const withoutId = ({ id: _id, ...item }: object & { id?: string }) => item
    expect(output.map(withoutId)).toMatchObject(whole.output.map(withoutId))
  })

  test('that was cut off in a call says so of the call', async () => {
    const answer: AnswerEvent[] = [
      ...choice.slice(2, 4),
      { type: 'call-end', index: 0 },
      { type: 'answer-end', finishReason: 'length', completionTokens: 5 },
    ]
    const { openai } = await client({ answer })
    const cut = { status: 'incomplete', arguments: '{"city":' }
    expect(await openai.responses.create(ask)).toMatchObject({ status: 'incomplete', output: [cut] })
    const { output } = await openai.responses.stream({ ...ask, tools: [time] }).finalResponse()
    expect(output).toMatchObject([cut])
  })

  test('tells its trace beside empty deltas of whatever it is at', async () => {
    const sent: AnswerEvent = {
      type: 'upstream-sent',
      atMs: 1,
      request: { method: 'POST', path: '/x', body: '{}' },
    }
    const answer = [sent, ...choice.slice(2, -1), sent, ...choice.slice(-1)]
    const { openai } = await client({ answer })
    const stream = openai.responses.stream(ask, { headers: { 'x-costeer-trace': '1' } })
    const traced: [string, number][] = []
    for await (const event of stream) {
      if (!('costeer' in event) || !('output_index' in event)) continue
      expect(event).toMatchObject({ delta: '', costeer: { path: '/x' } })
      traced.push([event.type, event.output_index])
    }
    const type = 'response.function_call_arguments.delta'
    expect(traced).toEqual([
      [type, 0],
      [type, 1],
    ])
    expect((await stream.finalResponse()).output).toMatchObject(items.slice(2))
  })
})

describe('a response request with tools', () => {
  test('offers them to the upstream, and hands it earlier calls and their outputs', async () => {
    const { openai, gateway } = await client()
    const call = { type: 'function_call' as const, call_id: 'call_1', name: 'weather', arguments: '{}' }
    await openai.responses.create({
      ...ask,
      parallel_tool_calls: false,
      input: [
        { role: 'user', content: 'Weather?' },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { role: 'assistant', content: 'I shall look.' },
        call,
        { ...call, call_id: 'call_2', id: 'fc_2', status: 'completed' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
        {
          type: 'function_call_output',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'Snow' },
            { type: 'input_text', text: 'Ice' },
          ],
        },
      ],
    })
    const called = (id: string) => ({ id, type: 'function', function: { name: 'weather', arguments: '{}' } })
    expect(gateway.requests[0]?.prompt).toEqual({
      type: 'chat',
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: 'I shall look.', tool_calls: [called('call_1'), called('call_2')] },
        { role: 'tool', content: 'Rain', tool_call_id: 'call_1' },
        { role: 'tool', content: 'Snow\nIce', tool_call_id: 'call_2' },
      ],
      tools: {
        tools: [
          {
            type: 'function',
            function: {
              name: 'weather',
              description: 'Tells it.',
              parameters: weather.parameters,
              strict: true,
            },
          },
          { type: 'function', function: { name: 'time' } },
        ],
        choice: 'auto',
        parallel: false,
      },
    })
  })

  test('may forbid them for this answer', async () => {
    const { openai, gateway } = await client({ answer: [text('No.'), ...choice.slice(-1)] })
    const response = await openai.responses.create({ ...ask, tool_choice: 'none' })
    expect(response.tool_choice).toBe('none')
    expect(gateway.requests[0]?.prompt).toMatchObject({ tools: { choice: 'none' } })
  })

  test('is steered without them where the model knows none and has no server', async () => {
    const { openai, gateway } = await client({
      answer: [text('Fine.'), ...choice.slice(-1)],
      upstream: embedded,
    })
    const { data, response } = await openai.responses.create(ask).withResponse()
    expect(response.headers.get('x-costeer-ignored')).toBe('tools')
    expect(data).toMatchObject({ output_text: 'Fine.', tools: [], tool_choice: 'none' })
    expect(gateway.requests[0]?.prompt).not.toHaveProperty('tools')
  })

  test.each([
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tool_choice: { type: 'function', name: 'weather' } }],
    ['tools', { tools: [weather, { type: 'web_search' }] }],
    ['input[0].type', { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'n', input: '' }] }],
  ])('is the business of the server where %s asks for more', async (field, fields) => {
    const { app } = await appBeforeServer(echo, true, true)
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ ...ask, ...fields }) }
    const response = await app.request('/v1/responses', init)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
  })

  test.each([
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }],
    ['input[0].name', { input: [{ type: 'function_call', call_id: 'c', arguments: '{}' }] }],
    ['input[0].arguments', { input: [{ type: 'function_call', call_id: 'c', name: 'f' }] }],
    ['input[0].output', { input: [{ type: 'function_call_output', call_id: 'c' }] }],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['tools', { tools: 'weather' }],
  ])('is refused without %s', async (field, fields) => {
    const { openai } = await client()
    const body = { ...ask, ...fields } as OpenAI.Responses.ResponseCreateParamsNonStreaming
    await expect(openai.responses.create(body)).rejects.toMatchObject({ status: 400, param: field })
  })
})
