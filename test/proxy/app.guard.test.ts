import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FormMatcher } from '../../src/guard/matching/form-matcher.ts'
import type { ModelText } from '../../src/models/model-text.ts'
import { createApp } from '../../src/proxy/app.ts'
import { createLogger } from '../../src/proxy/logger.ts'
import { createMetrics } from '../../src/proxy/metrics/metrics.ts'
import type { App } from '../../src/proxy/request/app-env.ts'
import type { TokenId } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { guardedForms, guardedGateways, rankingUpstream } from '../gateway/opening/guarded-gateways.ts'

/** An upstream that repeats what it has read. */
function repeatingUpstream(text: Pick<ModelText, 'tokenizer' | 'vocabulary'>): Upstream {
  const others = text.tokenizer.encode(' and so it is said of all who live here')
  return rankingUpstream(text, (prefix) => {
    const last = prefix.at(-1)
    const read = prefix.filter((_, at) => at > 0 && prefix[at - 1] === last).reverse()
    return [...new Set<TokenId>([...read, ...others])]
  })
}

const SAID = 'I am Noor Lindqvist of Stromness, noor@moss.example.org.'
const tool = { name: 'find', description: `Finds ${SAID}`, parameters: { type: 'object', properties: {} } }
const calls = [{ id: 'a', type: 'function', function: { name: 'find', arguments: '{"who":"Noor"}' } }]
const image = { type: 'image_url', image_url: { url: 'https://moss.example/noor-lindqvist.png' } }
const told = {
  type: 'json_schema',
  json_schema: { name: 'a', schema: { properties: { 'of Noor': { description: SAID } } } },
}
function chat(content: unknown) {
  return [{ role: 'user', content }]
}

const requests: readonly (readonly [what: string, path: string, body: object])[] = [
  [
    'a chat',
    '/v1/chat/completions',
    {
      messages: [
        { role: 'system', content: SAID, name: 'Noor' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Who is Noor' },
            { type: 'text', text: SAID },
          ],
        },
        { role: 'assistant', content: SAID },
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: 'a', content: JSON.stringify({ city: 'Str\u00f6mness', SAID }) },
      ],
      user: 'Noor',
      metadata: { owner: SAID },
      stop: ['Lindqvist'],
    },
  ],
  [
    'a chat with tools',
    '/v1/chat/completions',
    { messages: chat(SAID), tools: [{ type: 'function', function: tool }] },
  ],
  ['an image', '/v1/chat/completions', { messages: chat([{ type: 'text', text: SAID }, image]) }],
  ['a schema', '/v1/chat/completions', { messages: chat(SAID), response_format: told }],
  ['a completion', '/v1/completions', { prompt: `${SAID} Her name is Noor` }],
  ['a completion with a suffix', '/v1/completions', { prompt: SAID, suffix: `, says ${SAID}` }],
  ['a response', '/v1/responses', { instructions: SAID, input: [{ role: 'user', content: SAID }] }],
  [
    'a response with an image',
    '/v1/responses',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://moss.example/Noor' }] }] },
  ],
  [
    'a message',
    '/v1/messages',
    { system: SAID, max_tokens: 9, messages: chat([{ type: 'text', text: SAID }]) },
  ],
  [
    'a message with tools',
    '/v1/messages',
    {
      max_tokens: 9,
      tools: [{ name: 'find', description: SAID, input_schema: tool.parameters }],
      messages: [
        ...chat(SAID),
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'find', input: { who: SAID } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: SAID }] },
      ],
    },
  ],
  ['a count of tokens', '/v1/messages/count_tokens', { system: SAID, messages: chat(`Count ${SAID}`) }],
  ["Ollama's chat", '/api/chat', { messages: [{ role: 'system', content: SAID }, ...chat(SAID)] }],
  ["Ollama's completion", '/api/generate', { prompt: SAID, system: SAID }],
  ['texts to embed', '/v1/embeddings', { input: [SAID, 'moss'], user: 'Noor' }],
  ['what nobody knows', '/v1/moderations?of=1', { input: SAID, nested: { 'Noor Lindqvist': [SAID] } }],
]

describe('no route sends a private value', () => {
  let setup: Awaited<ReturnType<typeof guardedGateways>>
  const apps: App[] = []

  beforeAll(async () => {
    setup = await guardedGateways(repeatingUpstream)
    for (const { gateway, settings } of setup.both) {
      const logger = createLogger({ level: 'silent' })
      const metrics = createMetrics(new Registry())
      apps.push(createApp({ gateway, server: settings, logger, metrics }))
    }
  }, 120_000)
  afterAll(() => setup?.close())

  const realForms = new FormMatcher(guardedForms)

  describe.each(['looking ahead', 'token by token'])('%s', (way) => {
    test.each(requests)('of %s', async (_, path, body) => {
      const app = apps[way === 'looking ahead' ? 0 : 1] as App
      setup.server.received.length = 0
      for (const stream of [false, true]) {
        const headers = { 'content-type': 'application/json', 'x-costeer-profile': 'noor', 'x-who': SAID }
        const sent = { model: 'any', max_tokens: 8, stream, ...body }
        const reply = await app.request(path, { method: 'POST', headers, body: JSON.stringify(sent) })
        await reply.text()
        // What was encoded before is not asked for again
        expect(reply.ok || setup.server.received.length > 0).toBe(true)
      }
      const ids = setup.sentPrefixes().map(setup.textOf)
      const rest = setup.server.received.flatMap((one) =>
        one.path === '/completion' ? [one.path, one.headers] : [one.path, one.headers, one.body],
      )
      for (const text of [...ids, ...rest]) expect(realForms.find(text)).toEqual([])
    })
  })

  const form = new FormData()
  form.set('model', 'any')
  form.set('prompt', SAID)
  const json = { 'content-type': 'application/json' }
  const sent = requests.map(
    ([what, path, body]) => [what, path, { model: 'any', max_tokens: 8, ...body }] as const,
  )

  /** The status and code of the refusal, in whatever form it has. */
  async function refused(path: string, headers: Record<string, string>, body: string | FormData) {
    setup.server.received.length = 0
    const reply = await (apps[0] as App).request(path, { method: 'POST', headers, body })
    expect(setup.server.received).toEqual([])
    return [reply.status, await reply.text()] as const
  }

  test.each([...sent, ['a form', '/v1/audio/transcriptions', form] as const])(
    'nothing is sent of %s that names a profile which nobody knows',
    async (_, path, body) => {
      const isForm = body instanceof FormData
      const headers = { ...(isForm ? {} : json), 'x-costeer-profile': 'nora' }
      const [status, text] = await refused(path, headers, isForm ? body : JSON.stringify(body))
      expect(status).toBe(404)
      expect(text).toMatch(/The profile \\?"nora\\?" does not exist or is not open to this caller/)
    },
  )

  test.each(sent)('nor of %s that names one in its body', async (_, path, body) => {
    const costeer = { profile: 'nora' }
    const [status, text] = await refused(path, json, JSON.stringify({ ...body, costeer }))
    expect(status).toBe(404)
    expect(text).toContain('nora')
  })

  test.each([7, '', ['noor'], { id: 'noor' }])('nor where it names %j', async (profile) => {
    for (const [, path, body] of sent) {
      const [status] = await refused(path, json, JSON.stringify({ ...body, costeer: { profile } }))
      expect(status).toBe(400)
    }
  })
})
