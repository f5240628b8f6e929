import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { TokenReport } from '../../../../src/gateway/answer.ts'
import { completionSchema } from '../../../../src/proxy/answers/completions/completion-response-schema.ts'
import { tokenId } from '../../../../src/steer/token-id.ts'
import { openPassthrough } from '../../../../src/upstream/passthrough/passthrough.ts'
import { listeningServer } from '../../../upstream/http/listening-server.ts'
import { listening } from '../../app-under-test/listening-app.ts'
import { end, type Script, type Step, text } from '../../app-under-test/scripted-gateway.ts'
import { errorOf, testApp } from '../../app-under-test/test-app.ts'

function say(...words: string[]): Step[] {
  return [...words.map(text), end(words.length)]
}

function post(body: object): [string, RequestInit] {
  return [
    '/v1/completions',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Once', ...body }),
    },
  ]
}

async function client(script: Script) {
  const server = await listening({ script })
  return { openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'x', maxRetries: 0 }), ...server }
}

function bytes(value: string) {
  return new TextEncoder().encode(value)
}
function report(id: number, value: string | Uint8Array, logprob: number): TokenReport {
  const own = { token: tokenId(id), bytes: typeof value === 'string' ? bytes(value) : value, logprob }
  return { ...own, alternatives: [{ token: tokenId(9), bytes: bytes(' other'), logprob: -0.05 }] }
}

describe('a completion request', () => {
  test("has OpenAI's defaults", async () => {
    const { app, gateway } = testApp({ script: { choices: [say('x')] } })
    await app.request(...post({}))
    const { signal: _signal, ...request } = gateway.requests[0] ?? { signal: null }
    expect(request).toEqual({
      model: 'big',
      prompt: { type: 'text', text: 'Once' },
      sampling: { temperature: 1, topP: 1, topK: 0 },
      maxTokens: 16,
      stop: [],
      trace: false,
      choices: 1,
      caller: {},
      overrides: {},
    })
  })

  test.each([
    ['Once', [{ type: 'text', text: 'Once' }]],
    [
      ['a', 'b'],
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    ],
    [[1, 2], [{ type: 'tokens', tokens: [1, 2] }]],
    [
      [[1], [2, 3]],
      [
        { type: 'tokens', tokens: [1] },
        { type: 'tokens', tokens: [2, 3] },
      ],
    ],
  ])('takes the prompt %j', async (prompt, prompts) => {
    const { app, gateway } = testApp({ script: { choices: [say('x')] } })
    await (await app.request(...post({ prompt }))).text()
    expect(gateway.requests.map((request) => request.prompt)).toEqual(prompts)
  })

  test.each([
    ['prompt', ''],
    ['prompt', []],
    ['prompt', [[]]],
    ['prompt', [1, 'a']],
    ['prompt', [-1]],
    ['prompt', Array.from({ length: 33 }, () => 'a')],
    ['prompt', null],
    ['logprobs', 21],
    ['logprobs', true],
    ['max_tokens', -2],
    ['seed', 2 ** 63],
    ['n', 17],
    ['stream_options', { include_usage: true }],
  ])('is refused with %s: %j', async (field, value) => {
    const { app, gateway } = testApp({ script: { choices: [say('x')] } })
    const response = await app.request(...post({ [field]: value }))
    expect(response.status).toBe(400)
    expect((await errorOf(response)).param).toMatch(new RegExp(`^${field}`))
    expect(gateway.requests).toEqual([])
  })

  test('is continued as far as the window goes with max_tokens: -1', async () => {
    const { app, gateway } = testApp({ script: { choices: [say('x')] } })
    await (await app.request(...post({ max_tokens: -1 }))).text()
    expect(gateway.requests[0]?.maxTokens).toBeUndefined()
  })

  test('may hold fields that nobody knows', async () => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    const stream = { stream: true, stream_options: { continuous_usage_stats: true } }
    const { status, headers } = await app.request(...post({ options: {}, think: false, ...stream }))
    const ignored = 'options, think, stream_options.continuous_usage_stats'
    expect([status, headers.get('x-costeer-ignored')]).toEqual([200, ignored])
  })

  test('is refused when it asks for too many answers at once', async () => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    const response = await app.request(...post({ prompt: ['a', 'b', 'c', 'd', 'e'], n: 16 }))
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'n' })
  })

  test.each([
    ['echo', { echo: true }],
    ['suffix', { suffix: 'end' }],
    ['best_of', { best_of: 3 }],
    ['max_tokens', { max_tokens: 0, echo: null }],
    ['prompt_logprobs', { prompt_logprobs: 0 }],
  ])('that steering cannot honour goes to the server, or is refused by name: %s', async (field, fields) => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    expect(await errorOf(await app.request(...post(fields)))).toMatchObject({ param: field })
    const server = await listeningServer((response) => void response.end('{}'))
    const upstream = {
      passthrough: openPassthrough({ url: server.url, model: 'up' }),
      tellsEveryToken: true,
      readsCalls: false,
    }
    const behind = testApp({ script: { choices: [say('x')], upstream } })
    const response = await behind.app.request(...post(fields))
    expect(response.headers.get('x-costeer-steering')).toBe(`bypassed; reason=${field}`)
    expect(server.arrived[0]?.url).toBe('/v1/completions')
  })

  test.each([{ echo: false }, { suffix: '' }, { best_of: 1 }, { best_of: 2, n: 2 }])(
    'is fine with a value that asks for nothing: %j',
    async (fields) => {
      const { app } = testApp({ script: { choices: [say('x')] } })
      expect((await app.request(...post(fields))).status).toBe(200)
    },
  )
})

describe("OpenAI's own client", () => {
  test('reads a completion of several prompts and choices', async () => {
    const { openai } = await client({ choices: [say(' upon', ' a'), [text(' more'), end(1, 'length')]] })
    const { data, response } = await openai.completions
      .create({ model: 'big', prompt: ['Once', 'Twice'], n: 2 })
      .withResponse()
    expect(data.choices.map(({ index, text: t, finish_reason }) => [index, t, finish_reason])).toEqual([
      [0, ' upon a', 'stop'],
      [1, ' more', 'length'],
      [2, ' upon a', 'stop'],
      [3, ' more', 'length'],
    ])
    expect(data).toMatchObject({ object: 'text_completion', model: 'big' })
    expect(data.id).toMatch(/^cmpl-/)
    expect(data.usage).toEqual({ prompt_tokens: 14, completion_tokens: 6, total_tokens: 20 })
    expect(response.headers.get('x-costeer-steering')).toBe('on')
  })

  test('reads a stream with its usage', async () => {
    const { openai } = await client({ choices: [say(' upon', ' a')] })
    const stream = await openai.completions.create({
      model: 'big',
      prompt: 'Once',
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual([' upon', ' a', '', undefined])
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, 'stop', undefined])
    expect(chunks.map(({ usage }) => usage?.total_tokens)).toEqual([undefined, undefined, undefined, 9])
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  })

  test('throws when a stream breaks', async () => {
    const { openai } = await client({ choices: [[text('a'), { type: 'fail', error: new Error('x') }]] })
    const stream = await openai.completions.create({ model: 'big', prompt: 'Once', stream: true })
    const reading = (async () => {
      for await (const _chunk of stream);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'internal_error' })
  })
})

describe('log-probabilities in the legacy shape', () => {
  const wave = bytes('👋')
  const tokens = [
    report(1, ' é', -0.1),
    report(2, wave.subarray(0, 2), -0.2),
    report(3, wave.subarray(2), -0.3),
    report(4, ' other', -12_000),
  ]
  const choices: Script['choices'] = [
    [
      { type: 'text-delta', text: ' é👋', tokens: tokens.slice(0, 3) },
      { type: 'text-delta', text: ' other', tokens: tokens.slice(3) },
      end(4),
    ],
  ]
  const expected = {
    tokens: [' é', 'bytes:\\xf0\\x9f', 'bytes:\\x91\\x8b', ' other'],
    token_logprobs: [-0.1, -0.2, -0.3, -9999],
    top_logprobs: [
      { ' other': -0.05, ' é': -0.1 },
      { ' other': -0.05, 'bytes:\\xf0\\x9f': -0.2 },
      { ' other': -0.05, 'bytes:\\x91\\x8b': -0.3 },
      { ' other': -0.05 },
    ],
    text_offset: [0, 2, 2, 3],
  }

  test('come with a complete answer', async () => {
    const { app, gateway } = testApp({ script: { choices } })
    const completion = completionSchema.parse(await (await app.request(...post({ logprobs: 1 }))).json())
    expect(completion.choices[0]?.logprobs).toEqual(expected)
    expect(gateway.requests[0]?.topLogprobs).toBe(1)
  })

  test('come piece by piece with a stream', async () => {
    const { openai } = await client({ choices })
    const stream = await openai.completions.create({ model: 'big', prompt: 'x', logprobs: 1, stream: true })
    const joined = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] } as Record<
      string,
      unknown[]
    >
    for await (const {
      choices: [choice],
    } of stream) {
      for (const [key, values] of Object.entries(choice?.logprobs ?? {})) joined[key]?.push(...values)
    }
    expect(joined).toEqual(expected)
  })

  test('are null when nobody asks', async () => {
    const { app } = testApp({ script: { choices: [say('x')] } })
    const completion = completionSchema.parse(await (await app.request(...post({}))).json())
    expect(completion.choices[0]?.logprobs).toBeNull()
  })
})

test('a traced completion tells how its tokens came about', async () => {
  const traced: Step = { type: 'upstream-sent', atMs: 1, request: { method: 'POST', path: '/x', body: '{}' } }
  const { app } = testApp({ script: { choices: [[traced, ...say('x')]] } })
  for (const stream of [true, false]) {
    const [path, init] = post({ stream })
    const response = await app.request(path, {
      ...init,
      headers: { ...init.headers, 'x-costeer-trace': '1' },
    })
    expect(await response.text()).toContain('"type":"upstream-request"')
  }
})
