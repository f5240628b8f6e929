import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedGateway, type ServedGateway } from '../../proxy/app-under-test/served-gateway.ts'

const profile = { costeer: { profile: 'noor-lindqvist', strength: 1 } }
const ask = {
  model: 'costeer',
  messages: [{ role: 'user' as const, content: 'Write one sentence about your weekend.' }],
  temperature: 0,
  max_tokens: 12,
}

describe('clients of the gateway with its embedded model', () => {
  let gateway: ServedGateway
  let openai: OpenAI

  beforeAll(async () => {
    gateway = await embeddedGateway()
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'x', maxRetries: 0 })
  })
  afterAll(() => gateway?.close())

  test('chat, streamed or not, is steered by a profile and says so', async () => {
    const { data, response } = await openai.chat.completions.create({ ...ask, ...profile }).withResponse()
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    const streamed = await openai.chat.completions.stream({ ...ask, ...profile }).finalChatCompletion()
    const text = data.choices[0]?.message.content
    expect(streamed.choices[0]?.message.content).toBe(text)
    const plain = await openai.chat.completions.create(ask).withResponse()
    expect(plain.response.headers.get('x-costeer-steering')).toBe('off')
    expect(plain.data.choices[0]?.message.content).not.toBe(text)
  })

  test('responses say what chat says', async () => {
    const chat = await openai.chat.completions.create({ ...ask, ...profile })
    const body = { model: 'costeer', input: ask.messages, temperature: 0, max_output_tokens: 12, ...profile }
    const whole = await openai.responses.create(body)
    expect(whole.output_text).toBe(chat.choices[0]?.message.content)
    const { stream: _stream, ...streamable } = { ...body, stream: undefined }
    expect((await openai.responses.stream(streamable).finalResponse()).output_text).toBe(whole.output_text)
    expect(whole.usage?.input_tokens).toBe(chat.usage?.prompt_tokens)
  })

  test('completions continue texts, steered or not', async () => {
    const body = { model: 'costeer', prompt: 'My weekend was', temperature: 0, max_tokens: 10 }
    const plain = await openai.completions.create({ ...body, logprobs: 2 })
    const steered = await openai.completions.create({ ...body, ...profile, stream: true })
    let text = ''
    for await (const { choices } of steered) text += choices[0]?.text ?? ''
    expect(text.length).toBeGreaterThan(0)
    expect(text).not.toBe(plain.choices[0]?.text)
    const [first] = plain.choices
    expect(first?.logprobs?.tokens?.join('')).toBe(first?.text)
    const batch = await openai.completions.create({ ...body, prompt: [body.prompt, 'Once upon a'], n: 2 })
    expect(batch.choices.map(({ text: t }) => t).slice(0, 2)).toEqual([first?.text, first?.text])
    expect(batch.usage?.completion_tokens).toBe(40)
  })

  test.each([{}, profile])('biases ban and force tokens, penalties forbid repeats: %j', async (steering) => {
    const body = {
      model: 'costeer',
      prompt: 'one two one two one two',
      temperature: 0,
      max_tokens: 8,
      ...steering,
    }
    const free = (await openai.completions.create(body)).choices[0]?.text ?? ''
    const forced = await openai.completions.create({ ...body, max_tokens: 3, logit_bias: { '504': 100 } })
    const once = (await openai.completions.create({ ...body, max_tokens: 1, logit_bias: { '504': 100 } }))
      .choices[0]
    expect(once?.text.length).toBeGreaterThan(0)
    expect(forced.choices[0]?.text).toBe(once?.text.repeat(3))
    const first = (await openai.completions.create({ ...body, max_tokens: 1 })).choices[0]?.text
    const banned = await openai.completions.create({ ...body, max_tokens: 1, logit_bias: { '504': -100 } })
    expect(first === once?.text || banned.choices[0]?.text === first).toBe(true)
    const penalised =
      (await openai.completions.create({ ...body, frequency_penalty: 2 })).choices[0]?.text ?? ''
    const repeats = (text: string) => {
      const words = text.split(/\s+/).filter(Boolean)
      return words.length - new Set(words).size
    }
    expect(repeats(penalised)).toBeLessThanOrEqual(repeats(free))
  })

  test('tools that the model need not call leave its answer as it is, streamed and steered', async () => {
    const offered = { type: 'function' as const, name: 'f', parameters: {}, strict: null }
    const { type, name, parameters } = offered
    const tools = [{ type, function: { name, parameters } }]
    const without = await openai.chat.completions.create({ ...ask, ...profile })
    const text = without.choices[0]?.message.content
    const body = { ...ask, ...profile, tools, tool_choice: 'auto' as const }
    const { data, response } = await openai.chat.completions.create(body).withResponse()
    expect(response.headers.get('x-costeer-ignored')).toBe('tools')
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(data.choices[0]?.message.content).toBe(text)
    const streamed = await openai.chat.completions.stream(body).finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe(text)
    const { messages: input, max_tokens: max_output_tokens, ...rest } = ask
    const responded = { ...rest, input, max_output_tokens, ...profile, tools: [offered] }
    expect((await openai.responses.create(responded)).output_text).toBe(text)
  })

  test('what the embedded model cannot do is refused by name', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }]
    const required = { ...ask, tools, tool_choice: 'required' as const }
    await expect(openai.chat.completions.create(required)).rejects.toMatchObject({
      status: 400,
      param: 'tools',
    })
    await expect(openai.embeddings.create({ model: 'costeer', input: 'x' })).rejects.toMatchObject({
      status: 404,
    })
    await expect(
      openai.completions.create({ model: 'costeer', prompt: 'x', echo: true }),
    ).rejects.toMatchObject({
      status: 400,
      param: 'echo',
    })
  })

  test('the Vercel AI SDK and LangChain read steered streams', async () => {
    const expected = (await openai.chat.completions.create({ ...ask, ...profile })).choices[0]?.message
      .content
    const baseURL = `${gateway.url}/v1`
    const costeer = createOpenAICompatible({ name: 'costeer', baseURL, apiKey: 'x' })
    const vercel = streamText({
      model: costeer('costeer'),
      messages: ask.messages,
      temperature: 0,
      maxOutputTokens: 12,
      providerOptions: { costeer: profile },
    })
    expect(await vercel.text).toBe(expected)
    const langchain = new ChatOpenAI({
      model: 'costeer',
      apiKey: 'x',
      temperature: 0,
      maxTokens: 12,
      modelKwargs: profile,
      configuration: { baseURL },
    })
    const pieces: string[] = []
    for await (const { text } of await langchain.stream(ask.messages)) pieces.push(text)
    expect(pieces.join('')).toBe(expected)
  })
})
