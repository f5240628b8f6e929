import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { unguarded } from '../../src/guard/public.ts'
import type { TokenId } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { openLlamaCpp } from '../../src/upstream/llama-cpp/open.ts'
import type { UpstreamOptions } from '../../src/upstream/served/upstream-options.ts'
import { openVllm } from '../../src/upstream/vllm/open.ts'
import { collectedSteps } from './contract/collected-steps.ts'
import { greedySampling, readRecording } from './recorded/recorded-scenario.ts'
import { type FakeServer, startFakeServer } from './recorded/recorded-server.ts'

type Open = (options: UpstreamOptions) => Promise<Upstream>

describe.each<{ name: string; open: Open }>([
  { name: 'llama-cpp', open: openLlamaCpp },
  { name: 'vllm', open: openVllm },
])('opening $name', ({ name, open }) => {
  const { recording, vocabulary } = readRecording(name)
  let server: FakeServer
  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
  })
  afterEach(() => server.close())

  const failing = (options: Partial<UpstreamOptions>) =>
    open({ url: server.url, vocabulary, ...options }).then(
      async (upstream) => {
        await upstream.close()
        throw new Error('opened')
      },
      (error: { code: string; message: string }) => error,
    )

  test('one other token among those sampled is a mismatch', async () => {
    const id = Object.keys(recording.bytes)
      .map(Number)
      .find((at) => at % Math.floor(vocabulary.size / 1024) === 0 && at > 1000)
    const bytes = (token: TokenId): Uint8Array =>
      token === id ? Buffer.from('§other§') : vocabulary.bytes(token)
    const error = await failing({ vocabulary: { ...vocabulary, bytes } })
    expect(error.code).toBe('vocabulary_mismatch')
    expect(error.message).toContain('choose a local model of the same family')
  })

  test('a model that is not served is named', async () => {
    const error = await failing({ model: 'other-model' })
    expect(['upstream_incapable', 'upstream_refused']).toContain(error.code)
  })

  test('a server of another kind is refused', async () => {
    server.intercept((request, response) => {
      response.writeHead(request.path.startsWith('/v1') ? 200 : 404).end('{"object":"list","data":[]}')
      return true
    })
    const error = await failing({})
    expect(error.code).toMatch(/^upstream_(incapable|refused)$/)
  })

  test.each(['ftp://host', 'not a url', 'localhost:8080'])('the url %s is refused', async (url) => {
    await expect(async () => open({ url, vocabulary })).rejects.toMatchObject({ code: 'config_invalid' })
  })

  test('an abort while opening rejects with its reason', async () => {
    const reason = new Error('stop')
    await expect(open({ url: server.url, vocabulary, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })
})

describe('opening vLLM', () => {
  const { recording, vocabulary } = readRecording('vllm')
  let server: FakeServer
  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
  })
  afterEach(() => server.close())

  const allow = (allowed: number): void =>
    server.intercept((request, response) => {
      if (!request.body.includes('"logprobs":100000000')) return false
      const message = `Requested sample logprobs of 100000000, which is greater than max allowed: ${allowed}`
      response.writeHead(400).end(JSON.stringify({ error: { message, type: 'BadRequestError', code: 400 } }))
      return true
    })
  const rewritten = (pattern: RegExp, replace: (text: string) => string): void =>
    server.intercept((request, response) => {
      const recorded = recording.exchanges.find(
        ({ path, body }) => path === request.path && body === request.body,
      )
      if (!recorded || !pattern.test(request.body)) return false
      response.writeHead(200, { 'content-type': recorded.contentType }).end(replace(recorded.reply))
      return true
    })
  const open = (candidates?: number) =>
    openVllm({ url: server.url, vocabulary, ...(candidates === undefined ? {} : { candidates }) })

  test('too small a --max-logprobs names the flag', async () => {
    allow(20)
    await expect(open(100)).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('--max-logprobs 100'),
    })
  })

  test('--max-logprobs 0 is refused', async () => {
    allow(0)
    server.intercept((request, response) => {
      if (!request.body.includes('"logprobs"')) return false
      response
        .writeHead(400)
        .end('{"error":{"message":"greater than max allowed: 0","type":"BadRequestError"}}')
      return true
    })
    await expect(open()).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('--max-logprobs'),
    })
  })

  test('log-probabilities that follow the temperature are refused', async () => {
    rewritten(/"temperature":0\.5/, (text) =>
      text.replace(/("token_id:\d+":)(-[\d.]+)/g, (_, key, logprob) => `${key}${Number(logprob) * 2}`),
    )
    await expect(open()).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('--logprobs-mode raw_logprobs'),
    })
  })

  test('logits instead of log-probabilities are refused', async () => {
    rewritten(/"logprobs":100,/, (text) =>
      text.replace(/("token_id:\d+":)(-[\d.]+)/g, (_, key, logprob) => `${key}${Number(logprob) + 30}`),
    )
    await expect(open()).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('--logprobs-mode raw_logprobs'),
    })
  })

  test.each([
    ['token texts instead of ids', (text: string) => text.replace(/token_id:/g, '')],
    ['no ids of the drawn tokens', (text: string) => text.replace(/"token_ids":\[\d+\]/, '"token_ids":null')],
    ['no log-probabilities', (text: string) => text.replace(/"logprobs":\{.*?\}\]\}/, '"logprobs":null')],
  ])('%s are refused', async (_, change) => {
    rewritten(/"logprobs":100,/, change)
    await expect(open()).rejects.toMatchObject({ code: 'upstream_incapable' })
  })

  const isFirst = (at: number, reply: string) => reply.lastIndexOf('"logprobs"', at - 1) < 0
  test.each([
    ['none', 'null'],
    ['the token alone', '{"top_logprobs":[{"token_id:11":0}]}'],
  ])('with drafts, of which streams tell %s, tokens are asked for one by one', async (_, told) => {
    rewritten(/"stream":true/, (text) =>
      text.replace(/"logprobs":\{.*?\}\]\}/g, (all, at, reply) =>
        isFirst(at, reply) ? all : `"logprobs":${told}`,
      ),
    )
    const upstream = await open()
    onTestFinished(() => upstream.close())
    const logprobs = { top_logprobs: [{ 'token_id:40': -0.5 }] }
    const choice = { index: 0, token_ids: [40], logprobs, finish_reason: 'length' }
    server.intercept((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`)
      return true
    })
    const before = server.requests.length
    const prefix = unguarded([...vocabulary.endTokens])
    const signal = new AbortController().signal
    const query = { prefix, candidates: 1, maxTokens: 3, sampling: greedySampling, signal }
    const steps = await collectedSteps(upstream.stream(query))
    expect(steps.map(({ token }) => token)).toEqual([40, 40, 40])
    const asked = server.requests.slice(before).map(({ body }) => JSON.parse(body))
    expect(asked).toMatchObject([0, 1, 2].map((made) => ({ prompt: [...prefix, ...Array(made).fill(40)] })))
    for (const body of asked) expect(body.max_tokens).toBe(1)
  })
})

describe('opening llama.cpp', () => {
  const { recording, vocabulary } = readRecording('llama-cpp')

  test('a vocabulary of another size is a mismatch, unless padding explains it', async () => {
    const server = await startFakeServer(recording.exchanges)
    const resized = (by: number) =>
      openLlamaCpp({ url: server.url, vocabulary: { ...vocabulary, size: vocabulary.size + by } })
    await expect(resized(30_000)).rejects.toMatchObject({ code: 'vocabulary_mismatch' })
    await (await resized(128)).close()
    await server.close()
  })

  test.each([
    { computes: 'on a processor', promptMs: 300, maxInFlight: 1 },
    { computes: 'on an accelerator', promptMs: 40, maxInFlight: 4 },
  ])(
    'computes $computes: $maxInFlight queries side by side, unless configured',
    async ({ promptMs, maxInFlight }) => {
      const server = await startFakeServer(recording.exchanges)
      server.intercept(({ body }, response) => {
        if (!body.includes('"timings"')) return false
        const timings = { prompt_n: 41, prompt_ms: promptMs, predicted_per_token_ms: 30 }
        response.writeHead(200).end(JSON.stringify({ timings }))
        return true
      })
      const upstream = await openLlamaCpp({ url: server.url, vocabulary })
      expect(upstream.limits.maxInFlight).toBe(maxInFlight)
      await upstream.close()
      const configured = await openLlamaCpp({ url: server.url, vocabulary, maxInFlight: 3 })
      expect(configured.limits.maxInFlight).toBe(3)
      await configured.close()
      await server.close()
    },
  )

  test('with a draft model, which hides distributions in streams, tokens are asked for one by one', async () => {
    const server = await startFakeServer(recording.exchanges)
    server.intercept((request, response) => {
      const recorded = recording.exchanges.find(
        ({ path, body }) => path === request.path && body === request.body,
      )
      if (recorded && request.body.includes('"stream":true')) {
        const reply = recorded.reply.replace(/"top_logprobs":\[.*?\]\}\]\}\n/g, '"top_logprobs":[]}]}\n')
        response.writeHead(200, { 'content-type': recorded.contentType }).end(reply)
        return true
      }
      if (recorded || request.path !== '/completion') return false
      const top_logprobs = [{ id: 40, logprob: -0.5 }]
      const completion = { index: 0, completion_probabilities: [{ id: 1, top_logprobs }] }
      response.writeHead(200).end(JSON.stringify(completion))
      return true
    })
    const upstream = await openLlamaCpp({ url: server.url, vocabulary })
    const signal = new AbortController().signal
    const prefix = unguarded([...vocabulary.endTokens])
    const before = server.requests.length
    const query = { prefix, candidates: 1, maxTokens: 3, sampling: greedySampling, signal }
    const tokens: number[] = []
    for await (const step of upstream.stream(query)) tokens.push(step.token)
    expect(tokens).toEqual([40, 40, 40])
    expect(server.requests).toHaveLength(before + 3)
    await upstream.close()
    await server.close()
  })
})
