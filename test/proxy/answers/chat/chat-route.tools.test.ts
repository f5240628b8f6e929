import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../../src/gateway/answer.ts'
import { listening } from '../../app-under-test/listening-app.ts'
import { call, text } from '../../app-under-test/scripted-gateway.ts'

const choice: AnswerEvent[] = [
  text('I shall look.'),
  ...call(0, 'call_1', 'weather', '{"city":', '"Oslo"}'),
  ...call(1, 'call_2', 'time', '{}'),
  { type: 'answer-end', finishReason: 'tool_calls', completionTokens: 12 },
]
const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, description: 'Tells it.', parameters: { type: 'object', properties: {} } },
}))
const called = [
  { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
  { id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } },
]
const ask = {
  model: 'big',
  messages: [{ role: 'user' as const, content: 'Weather and time in Oslo?' }],
  tools,
}

/** A gateway before a server whose calls can be read. */
async function client() {
  const upstream = { passthrough: null, tellsEveryToken: true, readsCalls: true }
  const { url, gateway } = await listening({ script: { choices: [choice], upstream } })
  return { openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }), gateway }
}

describe('a steered answer with calls', () => {
  test('has them whole beside its text', async () => {
    const { openai } = await client()
    const { data, response } = await openai.chat.completions.create(ask).withResponse()
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(response.headers.get('x-costeer-ignored')).toBeNull()
    expect(data.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: 'I shall look.', tool_calls: called },
    })
  })

  test("streams them as OpenAI's client puts them together", async () => {
    const { openai } = await client()
    const stream = openai.chat.completions.stream(ask)
    const deltas: unknown[] = []
    for await (const chunk of stream) deltas.push(...(chunk.choices[0]?.delta.tool_calls ?? []))
    expect(deltas).toEqual([
      { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Oslo"}' } },
      { index: 1, id: 'call_2', type: 'function', function: { name: 'time', arguments: '' } },
      { index: 1, function: { arguments: '{}' } },
    ])
    const { choices } = await stream.finalChatCompletion()
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(choices[0]?.message.tool_calls).toMatchObject(called)
  })

  test('offers the tools to the upstream, and hands it earlier calls and their results', async () => {
    const { openai, gateway } = await client()
    const earlier = [
      ...ask.messages,
      { role: 'assistant' as const, content: null, tool_calls: called.slice(0, 1) as never },
      { role: 'tool' as const, tool_call_id: 'call_1', content: 'Rain' },
    ]
    await openai.chat.completions.create({ ...ask, messages: earlier, parallel_tool_calls: false })
    const { prompt } = gateway.requests[0] ?? {}
    expect(prompt).toMatchObject({
      type: 'chat',
      messages: [
        { role: 'user' },
        { role: 'assistant', content: '', tool_calls: called.slice(0, 1) },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
      ],
      tools: { parallel: false },
    })
  })
})
