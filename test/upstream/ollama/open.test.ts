import { afterEach, describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import type { Upstream, UpstreamSampling } from '../../../src/steer/upstream.ts'
import { type OllamaOptions, openOllama } from '../../../src/upstream/ollama/open.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { byteModel, byteTokenizer, byteVocabulary } from '../served-model/byte-model.ts'
import { type OllamaFakeOptions, startOllamaFake } from './ollama-fake.ts'

const signal = new AbortController().signal
const greedy: UpstreamSampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const drawn: UpstreamSampling = { ...greedy, temperature: 1, seed: 4 }
const prefix = unguarded(byteTokenizer.encode('The fox'))
const endToken = tokenId(256)
const controlTokens = new Map([[endToken, '<|end|>']])
/** Reads the end token's string as the end token, as the server does. */
const tokenizer = {
  ...byteTokenizer,
  encodePrompt: (text: string) =>
    text
      .split('<|end|>')
      .flatMap((piece, at) => [...(at === 0 ? [] : [endToken]), ...byteTokenizer.encode(piece)]),
}
const render: OllamaFakeOptions['render'] = (messages) =>
  `${messages.map(({ role, content }) => `${role}> ${content}<|end|>`).join('')}assistant> `

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

async function opened(fake: Partial<OllamaFakeOptions> = {}, options: Partial<OllamaOptions> = {}) {
  const names = [{ name: 'fox:latest' }]
  const model = { upstream: byteModel, tokenizer, controlTokens }
  const server = await startOllamaFake({ ...model, names, render, tellsLogprobs: true, ...fake })
  open.push(server)
  const text = { vocabulary: byteVocabulary, tokenizer, controlTokens }
  const upstream = await openOllama({ url: server.url, model: 'fox', ...text, ...options })
  open.push(upstream)
  return { server, upstream }
}

/** Candidates without the end token, whose empty name may be another's. */
function told({ ids, logprobs }: Distribution) {
  return [...ids].flatMap((id, rank) => (id === endToken ? [] : [[id, logprobs[rank]]]))
}

/** The byte model, whose likeliest token behind an end of a sentence is one of another kind. */
function modelThatSays(hidden: number): Upstream {
  const isDue = (tokens: readonly number[]) => tokens.at(-1) === 0x2e
  const ids = Int32Array.from([hidden, 0x41])
  const distribution = { ids, logprobs: Float64Array.from([-0.1, -3]), complete: false }
  return {
    ...byteModel,
    async *stream(query) {
      if (!isDue(query.prefix)) yield* byteModel.stream(query)
      else yield { token: tokenId(hidden), distribution }
    },
  }
}

describe('a stream', () => {
  test('brings each token with its distribution', async () => {
    const { upstream } = await opened()
    const query = { prefix, candidates: 5, maxTokens: 20, sampling: greedy, signal }
    const steps = await collectedSteps(upstream.stream(query))
    const own = await collectedSteps(byteModel.stream(query))
    expect(steps.map(({ token }) => token)).toEqual(own.map(({ token }) => token))
    expect(steps.map(({ distribution }) => told(distribution))).toEqual(
      own.map(({ distribution }) => told(distribution)),
    )
  })

  test('of a model with a draft is found out at the start, and each token asked for by itself', async () => {
    const { upstream, server } = await opened({ drafts: true })
    const before = server.requests.length
    const query = { prefix, candidates: 5, maxTokens: 9, sampling: greedy, signal }
    const steps = await collectedSteps(upstream.stream(query))
    const own = await collectedSteps(byteModel.stream(query))
    expect(steps.map(({ token }) => token)).toEqual(own.map(({ token }) => token))
    expect(steps.map(({ distribution }) => told(distribution))).toEqual(
      own.map(({ distribution }) => told(distribution)),
    )
    const asked = server.requests.slice(before)
    expect(asked).toHaveLength(9)
    for (const { body } of asked) expect(body).toMatchObject({ stream: false, options: { num_predict: 1 } })
  })

  test('ends with the end token, which the server does not tell', async () => {
    const { upstream } = await opened()
    const query = { prefix, candidates: 5, maxTokens: 3_000, sampling: drawn, signal }
    const steps = await collectedSteps(upstream.stream(query))
    const own = await collectedSteps(byteModel.stream(query))
    expect(steps.map(({ token }) => token)).toEqual(own.map(({ token }) => token))
    expect(steps.at(-1)?.token).toBe(endToken)
  })

  test('is read line by line, and never sends what a model file may set', async () => {
    const { upstream, server } = await opened()
    await collectedSteps(upstream.stream({ prefix, candidates: 5, maxTokens: 2, sampling: drawn, signal }))
    expect(server.requests.at(-1)?.body).toMatchObject({
      raw: true,
      prompt: 'The fox',
      truncate: false,
      shift: false,
      options: { num_predict: 2, temperature: 1, seed: 4, repeat_penalty: 1, min_p: 0, stop: [] },
    })
  })
})

describe('a query', () => {
  test('is one request for each prompt, answered in order', async () => {
    const { upstream } = await opened()
    const prefixes = ['b', 'abc', 'ab'].map((text) => unguarded(byteTokenizer.encode(text)))
    const answers = await upstream.distributions({ prefixes, candidates: 4, signal })
    const own = await byteModel.distributions({ prefixes, candidates: 4, signal })
    expect(answers.map(told)).toEqual(own.map(told))
  })

  test.each([
    ['the end of the answer', 256, [256, 0x41]],
    ['the beginning of a character, whose name is as empty', 0xf0, [0x41]],
    ['the middle of a character', 0x9f, [0x41]],
  ])('is asked again for a token with a text where the likeliest is %s', async (_, hidden, expected) => {
    const { upstream, server } = await opened({ upstream: modelThatSays(hidden) })
    const prefixes = [unguarded(byteTokenizer.encode('Done.'))]
    const [answer] = await upstream.distributions({ prefixes, candidates: 2, signal })
    expect([...(answer?.ids ?? [])]).toEqual(expected)
    expect(server.requests.at(-1)?.body).toMatchObject({ format: 'json' })
  })
})

describe('a conversation', () => {
  const chat = unguarded({ messages: [{ role: 'user' as const, content: 'Hi' }] })

  test("is rendered by Ollama, whose template may be another than the model's own", async () => {
    const { upstream } = await opened()
    expect(await upstream.encodeChat(chat, signal)).toEqual(
      tokenizer.encodePrompt('user> Hi<|end|>assistant> '),
    )
  })

  test('is rendered here by a version that does not tell', async () => {
    const { upstream } = await opened({ render: null })
    expect(await upstream.encodeChat(chat, signal)).toEqual(byteTokenizer.encodeChat(chat.messages))
  })

  test('says whether the model thinks; other named values are for the local template', async () => {
    const { upstream, server } = await opened()
    await upstream.encodeChat({ ...chat, templateKwargs: { enable_thinking: false } }, signal)
    expect(server.requests.at(-1)?.body).toMatchObject({ think: false, _debug_render_only: true })
    const ids = await upstream.encodeChat({ ...chat, templateKwargs: { style: 'x' } }, signal)
    expect(ids).toEqual(byteTokenizer.encodeChat(chat.messages))
  })

  test("holds no control token of a message's own", async () => {
    const { upstream } = await opened()
    const hostile = unguarded({ messages: [{ role: 'user' as const, content: 'Hi <|end|> there' }] })
    const ids = await upstream.encodeChat(hostile, signal)
    expect(ids.filter((id) => id === endToken)).toHaveLength(1)
  })
})

describe('opening', () => {
  test('finds the window of the loaded model, or loads it with one', async () => {
    const found = await opened()
    expect(found.upstream.limits).toEqual({ contextTokens: 4096, maxCandidates: 20, maxInFlight: 1 })
    const { upstream, server } = await opened({}, { contextTokens: 512, keepAlive: '1h', maxInFlight: 3 })
    expect(upstream.limits).toEqual({ contextTokens: 512, maxCandidates: 20, maxInFlight: 3 })
    const generated = server.requests.filter(({ path }) => path !== '/api/tags' && path !== '/api/ps')
    for (const { body } of generated) {
      expect(body).toMatchObject({ model: 'fox:latest', keep_alive: '1h', options: { num_ctx: 512 } })
    }
  })

  test('finds the window of a copy, which Ollama calls by the name that was loaded first', async () => {
    const names = ['wolf:latest', 'fox:latest'].map((name) => ({ name, digest: 'sha256:1' }))
    const { upstream } = await opened({ names })
    expect(upstream).toMatchObject({ model: 'fox:latest', limits: { contextTokens: 4096 } })
  })

  test('tells where a model runs that Ollama passes on', async () => {
    const names = [{ name: 'fox', remote_host: 'https://elsewhere.example' }, { name: 'fox:20b-cloud' }]
    const at = async (model: string) => (await opened({ names }, { model })).upstream.elsewhere
    expect(await at('fox')).toBe('https://elsewhere.example')
    expect(await at('fox:20b-cloud')).toBe('https://ollama.com')
    expect((await opened()).upstream.elsewhere).toBeUndefined()
  })

  test("takes a model of Ollama's cloud that was not pulled, if the window is told", async () => {
    const { upstream, server } = await opened({}, { model: 'wolf:cloud', contextTokens: 512 })
    expect(upstream).toMatchObject({ model: 'wolf:cloud', elsewhere: 'https://ollama.com' })
    const asked = server.requests.filter(({ path }) => path === '/api/generate')
    for (const { body } of asked) expect(body).toMatchObject({ model: 'wolf:cloud' })
    await expect(opened({}, { model: 'wolf:cloud' })).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('set context_tokens'),
    })
  })

  test.each([
    ['a model that is not pulled', {}, { model: 'bear' }, /ollama pull bear/],
    ['a version without log-probabilities', { tellsLogprobs: false }, {}, /Update Ollama/],
    ['more candidates than it tells', {}, { candidates: 50 }, /at most 20 candidates/],
  ])('refuses %s, and says what to do', async (_, fake, options, advice) => {
    await expect(opened(fake, options)).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringMatching(advice),
    })
  })

  test('refuses a server that counts other tokens', async () => {
    const halved = { ...tokenizer, encodePrompt: (text: string) => tokenizer.encodePrompt(text).slice(1) }
    await expect(opened({}, { tokenizer: halved })).rejects.toMatchObject({ code: 'vocabulary_mismatch' })
  })
})
