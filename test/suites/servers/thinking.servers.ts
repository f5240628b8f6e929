import { EventSourceParserStream } from 'eventsource-parser/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ServedGateway, servedGateway, serversAt } from '../../proxy/app-under-test/served-gateway.ts'

/** Servers over Qwen2.5-Coder 1.5B, which thinks when it is told to; docs/upstreams.md has the commands. */
const {
  COSTEER_TEST_THINKING_LLAMA_CPP_URL: llamaCppUrl = '',
  COSTEER_TEST_THINKING_VLLM_URL: vllmUrl = '',
} = process.env
const servers = [
  { name: 'llama.cpp', configFile: 'llama-cpp.yaml', url: llamaCppUrl, ownText: llamaCppText },
  { name: 'vLLM', configFile: 'vllm.yaml', url: vllmUrl, ownText: vllmText },
]

const question = {
  temperature: 0,
  max_tokens: 220,
  messages: [
    {
      role: 'system',
      content:
        'Think first, in one or two short sentences, and end your thoughts with the line </think>. Then write the answer, in two sentences.',
    },
    { role: 'user', content: 'Why do cats purr?' },
  ],
}
const END = '</think>'

/** llama.cpp has the first name, vLLM the second. */
const thoughtsShape = { reasoning_content: z.string().nullish(), reasoning: z.string().nullish() }
const completionSchema = z.object({
  choices: z.tuple([
    z.object({
      finish_reason: z.string(),
      message: z.object({ content: z.string(), ...thoughtsShape }),
    }),
  ]),
  usage: z.object({
    completion_tokens: z.int(),
    completion_tokens_details: z.object({ reasoning_tokens: z.int() }).optional(),
  }),
})
const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object(thoughtsShape),
    }),
  ),
})

async function posted(to: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers }
  return fetch(to, { method: 'POST', headers: all, body: JSON.stringify(body) })
}

/** What a server itself writes behind its own prompt, greedily. */
interface OwnText {
  readonly text: string
  readonly msPerToken: number
}

async function llamaCppText(url: string): Promise<OwnText> {
  const rendered = await (await posted(`${url}/apply-template`, { messages: question.messages })).json()
  const { prompt } = z.object({ prompt: z.string() }).parse(rendered)
  const asked = { prompt, temperature: 0, n_predict: question.max_tokens, cache_prompt: false }
  const reply = await (await posted(`${url}/completion`, asked)).json()
  const { content, timings } = z
    .object({ content: z.string(), timings: z.object({ predicted_per_token_ms: z.number() }) })
    .parse(reply)
  return { text: content, msPerToken: timings.predicted_per_token_ms }
}

async function vllmText(url: string): Promise<OwnText> {
  const model = await servedModel(url)
  const encoded = await (await posted(`${url}/tokenize`, { model, messages: question.messages })).json()
  const { tokens } = z.object({ tokens: z.array(z.int()) }).parse(encoded)
  const { temperature, max_tokens } = question
  const asked = { model, prompt: tokens, temperature, max_tokens, stream: true }
  const pieces: string[] = []
  const times: number[] = []
  for await (const data of streamed(await posted(`${url}/v1/completions`, asked))) {
    const { choices } = z.object({ choices: z.array(z.object({ text: z.string() })) }).parse(data)
    pieces.push(choices[0]?.text ?? '')
    times.push(performance.now())
  }
  return { text: pieces.join(''), msPerToken: meanGap(times) }
}

async function servedModel(url: string): Promise<string> {
  const listed = await (await fetch(`${url}/v1/models`)).json()
  return z.object({ data: z.tuple([z.object({ id: z.string() })]) }).parse(listed).data[0].id
}

/** The JSON of a stream's events. */
async function* streamed({ body }: Response): AsyncGenerator<unknown, void, undefined> {
  if (body === null) return
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { data } of events) if (data !== '[DONE]') yield JSON.parse(data)
}

function meanGap(times: readonly number[]): number {
  return ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1)
}

const untested = servers.filter(({ url }) => url === '')
test.skip.each(untested)('thinking at $name is skipped: its URL is not set', () => {})

const tested = servers.filter(({ url }) => url !== '')
describe.each(tested)('a model that thinks, at a real $name', { timeout: 3_600_000 }, (server) => {
  const { url } = server
  let gateway: ServedGateway
  let own: OwnText
  let model: string
  const profile = { 'x-costeer-profile': 'noor-lindqvist' }
  const ask = (more: object, headers: Record<string, string> = profile) =>
    posted(`${gateway.url}/v1/chat/completions`, { model: 'costeer', ...question, ...more }, headers)

  beforeAll(async () => {
    gateway = await servedGateway(server.configFile, { adjusted: serversAt(url, { channels: 'think+none' }) })
    model = await servedModel(url)
    own = await server.ownText(url)
    expect(own.text).toContain(END)
  })
  afterAll(() => gateway?.close())

  test("keeps its thoughts out of the content, as the server's own greedy ones, and has the answer steered", async () => {
    const response = await ask({ costeer: { strength: 6 } })
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    const { choices, usage } = completionSchema.parse(await response.json())
    const [{ message }] = choices
    expect(message.content).not.toMatch(/<\/?think>/)
    const thoughts = own.text.slice(0, own.text.indexOf(END))
    expect((message.reasoning_content ?? message.reasoning)?.trim()).toBe(thoughts.trim())
    expect(message.content).not.toBe('')
    const ownAnswer = own.text.slice(thoughts.length + END.length).trim()
    expect(message.content.trim()).not.toBe(ownAnswer)
    expect(usage.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(3)
    expect(usage.completion_tokens).toBeLessThanOrEqual(question.max_tokens)
  })

  test('begins to answer at once where the request switches thinking off', async () => {
    const response = await ask({ chat_template_kwargs: { enable_thinking: false }, max_tokens: 24 })
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    const { choices, usage } = completionSchema.parse(await response.json())
    expect(choices[0].message.reasoning_content ?? choices[0].message.reasoning ?? '').toBe('')
    expect(choices[0].message.content).not.toMatch(/<\/?think>/)
    expect(usage.completion_tokens_details).toEqual({ reasoning_tokens: 0 })
  })

  test("is the server's own chat route for a caller without a profile", async () => {
    const comparable = (text: string) => {
      const { id: _id, created: _created, model: _model, timings: _timings, ...rest } = JSON.parse(text)
      return { ...rest, usage: { ...rest.usage, prompt_tokens_details: null } }
    }
    const short = { max_tokens: 12 }
    const response = await ask(short, { 'x-costeer-profile': 'none' })
    expect(response.headers.get('x-costeer-steering')).toBe('off; reason=no-profile')
    const direct = await posted(`${url}/v1/chat/completions`, { model, ...question, ...short })
    expect(comparable(await response.text())).toEqual(comparable(await direct.text()))
  })

  test('streams its thoughts as fast as the server, which is printed', async () => {
    const response = await ask({ stream: true })
    const times: number[] = []
    for await (const data of streamed(response)) {
      const [choice] = chunkSchema.parse(data).choices
      if (choice?.delta.reasoning_content ?? choice?.delta.reasoning) times.push(performance.now())
    }
    expect(times.length).toBeGreaterThan(3)
    const perToken = meanGap(times)
    const ratio = perToken / own.msPerToken
    process.stdout.write(
      `thoughts: ${perToken.toFixed(1)} ms a token through the gateway, ${own.msPerToken.toFixed(1)} at the server: ${ratio.toFixed(2)}x\n`,
    )
  })
})
