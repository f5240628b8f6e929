import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { openPassthrough } from '../../../../src/upstream/passthrough/passthrough.ts'
import { end, text } from '../../app-under-test/scripted-gateway.ts'
import { errorOf, hello, testApp } from '../../app-under-test/test-app.ts'

/** What becomes of a field, with a value that shows it. Values are as a client of OpenAI would send them. */
type Fate =
  /** It reaches the models, or shapes the response. */
  | { readonly honoured: unknown }
  /** It changes nothing here, and the response says so. */
  | { readonly ignored: unknown }
  /** Steering cannot do it: the server does, or a 400 names the field where there is none. */
  | { readonly bypassed: unknown }
  /** The server's business where there is one; else it changes nothing, and the response says so. */
  | { readonly leftOut: unknown }

type Fates<Params> = Record<keyof Params, Fate>

const functionTool = { type: 'function', function: { name: 'f', parameters: {} } }
const jsonFormat = { type: 'json_schema', json_schema: { name: 'x', schema: {} } }

const chatFates = {
  audio: { bypassed: { voice: 'alloy', format: 'wav' } },
  frequency_penalty: { honoured: 1 },
  function_call: { bypassed: { name: 'f' } },
  functions: { leftOut: [{ name: 'f' }] },
  logit_bias: { honoured: { '5': -100 } },
  logprobs: { honoured: true },
  max_completion_tokens: { honoured: 5 },
  max_tokens: { honoured: 5 },
  messages: { honoured: [{ role: 'user', content: 'Other' }] },
  metadata: { ignored: { a: 'b' } },
  modalities: { bypassed: ['text', 'audio'] },
  model: { honoured: 'acme/alias' },
  moderation: { bypassed: {} },
  n: { honoured: 2 },
  parallel_tool_calls: { ignored: true },
  prediction: { ignored: { type: 'content', content: 'x' } },
  presence_penalty: { honoured: 1 },
  prompt_cache_key: { ignored: 'a' },
  prompt_cache_options: { ignored: { mode: 'implicit' } },
  prompt_cache_retention: { ignored: '24h' },
  reasoning_effort: { honoured: 'low' },
  response_format: { bypassed: jsonFormat },
  safety_identifier: { ignored: 'a' },
  seed: { honoured: 5 },
  service_tier: { ignored: 'flex' },
  stop: { honoured: ['a'] },
  store: { ignored: true },
  stream: { honoured: true },
  stream_options: { honoured: { include_usage: true } },
  temperature: { honoured: 0.5 },
  tool_choice: { bypassed: 'required' },
  tools: { leftOut: [functionTool] },
  top_logprobs: { honoured: 3 },
  top_p: { honoured: 0.5 },
  user: { honoured: 'u' },
  verbosity: { ignored: 'low' },
  web_search_options: { bypassed: {} },
} satisfies Fates<OpenAI.ChatCompletionCreateParams>

const completionFates = {
  best_of: { bypassed: 3 },
  echo: { bypassed: true },
  frequency_penalty: { honoured: 1 },
  logit_bias: { honoured: { '5': -100 } },
  logprobs: { honoured: 2 },
  max_tokens: { honoured: 5 },
  model: { honoured: 'acme/alias' },
  n: { honoured: 2 },
  presence_penalty: { honoured: 1 },
  prompt: { honoured: [1, 2] },
  seed: { honoured: 5 },
  stop: { honoured: 'a' },
  stream: { honoured: true },
  stream_options: { honoured: { include_usage: true } },
  suffix: { bypassed: 'x' },
  temperature: { honoured: 0.5 },
  top_p: { honoured: 0.5 },
  user: { honoured: 'u' },
} satisfies Fates<OpenAI.CompletionCreateParams>

const responseFates = {
  background: { bypassed: true },
  context_management: { bypassed: [{ type: 'compaction' }] },
  conversation: { bypassed: 'conv_1' },
  include: { honoured: ['message.output_text.logprobs'] },
  input: { honoured: [{ role: 'user', content: 'Other' }] },
  instructions: { honoured: 'Be brief.' },
  max_output_tokens: { honoured: 5 },
  metadata: { honoured: { a: 'b' } },
  model: { honoured: 'acme/alias' },
  moderation: { bypassed: {} },
  parallel_tool_calls: { ignored: true },
  previous_response_id: { bypassed: 'resp_1' },
  prompt: { bypassed: { id: 'p' } },
  prompt_cache_key: { ignored: 'a' },
  prompt_cache_options: { ignored: { mode: 'implicit' } },
  prompt_cache_retention: { ignored: '24h' },
  reasoning: { honoured: { effort: 'low' } },
  safety_identifier: { ignored: 'a' },
  service_tier: { ignored: 'flex' },
  store: { ignored: true },
  stream: { honoured: true },
  stream_options: { honoured: { include_obfuscation: false } },
  temperature: { honoured: 0.5 },
  text: { bypassed: { format: { type: 'json_object' } } },
  tool_choice: { bypassed: 'required' },
  tools: { leftOut: [{ type: 'web_search' }] },
  top_logprobs: { honoured: 3 },
  top_p: { honoured: 0.5 },
  truncation: { bypassed: 'auto' },
  user: { honoured: 'u' },
} satisfies Fates<OpenAI.Responses.ResponseCreateParams>

const anthropicFates = {
  cache_control: { ignored: { type: 'ephemeral' } },
  container: { bypassed: 'c1' },
  diagnostics: { ignored: { previous_message_id: 'msg_1' } },
  inference_geo: { ignored: 'eu' },
  max_tokens: { honoured: 5 },
  messages: { honoured: [{ role: 'user', content: 'Other' }] },
  metadata: { honoured: { user_id: 'u' } },
  model: { honoured: 'acme/alias' },
  output_config: { honoured: { effort: 'low' } },
  service_tier: { ignored: 'auto' },
  speed: { ignored: 'fast' },
  stop_sequences: { honoured: ['a'] },
  stream: { honoured: true },
  system: { honoured: 'Be brief.' },
  thinking: { honoured: { type: 'disabled' } },
  tool_choice: { bypassed: { type: 'any' } },
  tools: { leftOut: [{ name: 'f', input_schema: { type: 'object' } }] },
  user_profile_id: { ignored: 'u' },
  workspace_id: { ignored: 'w' },
} satisfies Fates<Anthropic.MessageCreateParams>

/** Values that say what is so anyway. */
const sameAsDefault = new Set(['/v1/responses stream_options'])

/** What a field needs beside it to mean something. */
const company: Readonly<Record<string, object>> = {
  stream_options: { stream: true },
  top_logprobs: { logprobs: true },
}

const endpoints = [
  { path: '/v1/chat/completions', fates: chatFates, least: { messages: hello } },
  { path: '/v1/completions', fates: completionFates, least: { prompt: 'Once' } },
  { path: '/v1/responses', fates: responseFates, least: { input: 'Hello' } },
  { path: '/v1/messages', fates: anthropicFates, least: { messages: hello } },
]

/** The response to a request, and the request as the gateway got it. */
async function asked(path: string, body: object, { withServer }: { withServer: boolean }) {
  const passthrough = withServer ? openPassthrough({ url: 'http://127.0.0.1:9', model: 'up' }) : null
  const { app, gateway } = testApp({
    script: {
      choices: [[text('x'), end(1)]],
      upstream: { passthrough, tellsEveryToken: true, readsCalls: false },
    },
  })
  const init = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await app.request(path, { method: 'POST', ...init })
  const { signal: _signal, ...request } = gateway.requests[0] ?? {}
  return { response, request, body: await response.clone().text() }
}

function timeless(reply: string) {
  return reply.replaceAll(/"(id|item_id|created|created_at|completed_at)":("[^"]*"|\d+)/g, '')
}

describe.each(endpoints)("every field of the SDK's type for $path", ({ path, fates, least }) => {
  const fields = Object.entries(fates)
  const beside = (field: string) => {
    // Responses report alternatives without a switch of their own.
    const others = path === '/v1/responses' && field === 'top_logprobs' ? {} : company[field]
    return { ...least, ...others }
  }

  const honoured = fields.flatMap(([field, fate]) =>
    'honoured' in fate ? [[field, fate.honoured] as const] : [],
  )
  test.each(honoured)('%s is honoured: it makes a difference', async (field, value) => {
    const plain = await asked(path, beside(field), { withServer: false })
    const { response, request, body } = await asked(
      path,
      { ...beside(field), [field]: value },
      { withServer: false },
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(response.headers.has('x-costeer-ignored')).toBe(false)
    const differs =
      JSON.stringify(request) !== JSON.stringify(plain.request) || timeless(body) !== timeless(plain.body)
    expect(differs).toBe(!sameAsDefault.has(`${path} ${field}`))
  })

  const ignored = fields.flatMap(([field, fate]) =>
    'ignored' in fate ? [[field, fate.ignored] as const] : [],
  )
  test.each(ignored)('%s is accepted, and the response says that it had no effect', async (field, value) => {
    const { response } = await asked(path, { ...least, [field]: value }, { withServer: false })
    expect([response.status, response.headers.get('x-costeer-ignored')]).toEqual([200, field])
  })

  const bypassed = fields.flatMap(([field, fate]) =>
    'bypassed' in fate ? [[field, fate.bypassed] as const] : [],
  )
  test.each(bypassed)('%s is left to the server, or refused by name', async (field, value) => {
    const alone = await asked(path, { ...least, [field]: value }, { withServer: false })
    expect(alone.response.status).toBe(400)
    expect((await errorOf(alone.response)).param).toBe(field)
    // The server is not there, which only a request that is passed on finds out.
    const passed = await asked(path, { ...least, [field]: value }, { withServer: true })
    expect((await errorOf(passed.response)).code).toBe('upstream_unreachable')
    expect([alone.request, passed.request]).toEqual([{}, {}])
  })
})

test.each([
  ['/v1/chat/completions', { messages: hello }, 'tools', 'tool_choice', [functionTool]],
  ['/v1/chat/completions', { messages: hello }, 'functions', 'function_call', [{ name: 'f' }]],
  ['/v1/responses', { input: 'Hello' }, 'tools', 'tool_choice', [{ type: 'web_search' }]],
])('%s with %j leaves %s to the server, and without one leaves them out where %s lets it', async (...row) => {
  const [path, least, field, choice, value] = row
  const body = { ...least, [field]: value }
  const alone = (choices: object) => asked(path, { ...body, ...choices }, { withServer: false })
  for (const optional of [{}, { [choice]: 'auto' }, { [choice]: 'none' }]) {
    const { response, request } = await alone(optional)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(response.headers.get('x-costeer-ignored')).toBe(field)
    expect(request).toEqual((await asked(path, least, { withServer: false })).request)
  }
  expect((await alone({ [choice]: { name: 'f' } })).response.status).toBe(400)
  const passed = await asked(path, body, { withServer: true })
  expect((await errorOf(passed.response)).code).toBe('upstream_unreachable')
})

type KeysOfAny<Union> = Union extends unknown ? keyof Union : never

const messageFates = {
  audio: { bypassed: { id: 'a' } },
  content: { honoured: 'Other' },
  function_call: { bypassed: { name: 'f', arguments: '{}' } },
  name: { ignored: 'ann' },
  refusal: { said: 'No.' },
  role: { honoured: 'user' },
  tool_call_id: { ignored: 'a' },
  tool_calls: { bypassed: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] },
} satisfies Record<
  KeysOfAny<OpenAI.ChatCompletionMessageParam>,
  /** Said: it is joined to what the message says. */
  Fate | { readonly said: unknown }
>

test.each(Object.entries(messageFates))(
  "the field %s of the SDK's messages has its fate",
  async (field, fate) => {
    const [[kind, value] = ['', null]] = Object.entries(fate)
    const messages = [...hello, { role: 'assistant', content: 'x', [field]: value }]
    const { response, request } = await asked('/v1/chat/completions', { messages }, { withServer: false })
    if (kind === 'said') {
      expect(request).toMatchObject({ prompt: { messages: [...hello, { content: `x\n${value}` }] } })
      expect(response.headers.has('x-costeer-ignored')).toBe(false)
    } else if (kind === 'honoured' || kind === 'ignored') {
      const sent = { role: 'assistant', content: 'x', ...(kind === 'honoured' ? { [field]: value } : {}) }
      expect(request).toMatchObject({ prompt: { messages: [...hello, sent] } })
      const ignored = response.headers.get('x-costeer-ignored')
      expect(ignored).toBe(kind === 'ignored' ? `messages[].${field}` : null)
    } else {
      expect((await errorOf(response)).param).toBe(`messages[1].${field}`)
      const passed = await asked('/v1/chat/completions', { messages }, { withServer: true })
      expect((await errorOf(passed.response)).code).toBe('upstream_unreachable')
    }
  },
)
