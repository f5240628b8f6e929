import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ServedGateway, servedGateway, serversAt } from '../../proxy/app-under-test/served-gateway.ts'

const { COSTEER_TEST_LLAMA_CPP_URL: llamaCppUrl = '', COSTEER_TEST_VLLM_URL: vllmUrl = '' } = process.env

/**
 * The shipped configuration of each server, which has to pair the models that are served with a local one.
 */
const servers = [
  // Its parser finds no tool calls in what the lab's models write.
  { name: 'llama.cpp', configFile: 'llama-cpp.yaml', url: llamaCppUrl, callsTools: false },
  { name: 'vLLM', configFile: 'vllm.yaml', url: vllmUrl, callsTools: true },
]

const messages = [{ role: 'user' as const, content: 'What is the weather in Oslo? Use the tool.' }]
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
function cityOf(json: string | null | undefined) {
  return z.object({ city: z.string() }).parse(JSON.parse(json ?? ''))
}

const asksForTool = {
  model: 'costeer',
  messages,
  max_tokens: 60,
  temperature: 0,
  tools: [{ type: 'function' as const, function: { name: 'weather', parameters: city } }],
  tool_choice: { type: 'function' as const, function: { name: 'weather' } },
}
const withSchema = {
  model: 'costeer',
  messages: [{ role: 'user' as const, content: 'Name a city, as JSON.' }],
  max_tokens: 60,
  temperature: 0,
  response_format: {
    type: 'json_schema' as const,
    json_schema: { name: 'city', strict: true, schema: { ...city, additionalProperties: false } },
  },
}

/** What a choice says, without the ids that are drawn for its calls. */
function said(choice: OpenAI.ChatCompletion.Choice | undefined) {
  const calls = (choice?.message.tool_calls ?? []).map((call) => call.type === 'function' && call.function)
  return { content: choice?.message.content ?? '', calls, reason: choice?.finish_reason }
}

const untested = servers.filter(({ url }) => url === '')
test.skip.each(untested)('$name is skipped: its URL is not set', () => {})

describe.each(servers.filter(({ url }) => url !== ''))(
  'what steering cannot do, at a real $name',
  ({ configFile, url, callsTools }) => {
    let gateway: ServedGateway
    let openai: OpenAI
    /** The server itself, and its own name for the model. */
    let server: OpenAI
    let served: string

    beforeAll(async () => {
      gateway = await servedGateway(configFile, { adjusted: serversAt(url) })
      const defaultHeaders = { 'x-costeer-profile': 'hamish-baird' }
      openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'x', maxRetries: 0, defaultHeaders })
      server = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
      served = (await server.models.list()).data[0]?.id ?? ''
    })
    afterAll(() => gateway?.close())

    test('a request that names the tool to call gets what the server itself answers', async () => {
      const { data, response } = await openai.chat.completions.create(asksForTool).withResponse()
      expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=tool_choice')
      expect(data.model).toBe('costeer')
      const direct = await server.chat.completions.create({ ...asksForTool, model: served })
      expect(said(data.choices[0])).toEqual(said(direct.choices[0]))
      if (callsTools) expect(said(data.choices[0]).calls).toHaveLength(1)
    })

    test('so it does in a stream, whose pieces of a call keep their index', async () => {
      const stream = openai.chat.completions.stream(asksForTool)
      for await (const { choices, model } of stream) {
        expect(model).toBe('costeer')
        for (const call of choices[0]?.delta.tool_calls ?? []) expect(call.index).toBe(0)
      }
      const direct = await server.chat.completions
        .stream({ ...asksForTool, model: served })
        .finalChatCompletion()
      expect(said((await stream.finalChatCompletion()).choices[0])).toEqual(said(direct.choices[0]))
    })

    test("a tool's result is answered", async () => {
      const called = { name: 'weather', arguments: '{"city": "Oslo"}' }
      const call = { id: 'call_1', type: 'function' as const, function: called }
      const { data, response } = await openai.chat.completions
        .create({
          model: 'costeer',
          max_tokens: 20,
          temperature: 0,
          messages: [
            ...messages,
            { role: 'assistant', content: null, tool_calls: [call] },
            { role: 'tool', tool_call_id: 'call_1', content: 'Snow, -3 degrees.' },
          ],
        })
        .withResponse()
      expect(response.headers.get('x-costeer-steering')).toBe('on')
      expect(data.choices[0]?.message.content).toMatch(/snow|-3/i)
    })

    test('an answer keeps to a schema, streamed or not', async () => {
      const { data, response } = await openai.chat.completions.create(withSchema).withResponse()
      expect(response.headers.get('x-costeer-steering')).toBe('bypassed; reason=response_format')
      const streamed = await openai.chat.completions.stream(withSchema).finalMessage()
      // llama.cpp may name another city each time: its values depend on what its slots did before.
      for (const content of [data.choices[0]?.message.content, streamed.content]) {
        expect(cityOf(content).city).not.toBe('')
      }
    })

    test('the same client is steered when it asks for text', async () => {
      const { response } = await openai.chat.completions
        .create({ model: 'costeer', messages, max_tokens: 4, temperature: 0 })
        .withResponse()
      expect(response.headers.get('x-costeer-steering')).toBe('on')
    })
  },
)
