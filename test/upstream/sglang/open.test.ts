import { afterEach, describe, expect, test, vi } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import type { UpstreamSampling } from '../../../src/steer/upstream.ts'
import { openSglang } from '../../../src/upstream/sglang/open.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { byteModel, byteTokenizer, byteVocabulary } from '../served-model/byte-model.ts'
import type { ModelServer } from '../served-model/model-server.ts'
import { type SglangFakeOptions, startSglangFake } from './sglang-fake.ts'

const signal = new AbortController().signal
const greedy: UpstreamSampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const prefix = unguarded(byteTokenizer.encode('The fox'))
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

async function served(options: Partial<SglangFakeOptions> = {}) {
  const server: ModelServer = await startSglangFake({
    upstream: byteModel,
    tokenizer: byteTokenizer,
    ...options,
  })
  open.push(server)
  return { server, options: { url: server.url, vocabulary: byteVocabulary, tokenizer: byteTokenizer } }
}

async function opened(options: Partial<SglangFakeOptions> = {}) {
  const { server, options: access } = await served(options)
  const upstream = await openSglang(access)
  open.push(upstream)
  return { server, upstream }
}

describe.each([
  { incremental: false, tokensPerEvent: 1 },
  { incremental: true, tokensPerEvent: 1 },
  { incremental: false, tokensPerEvent: 3 },
  { incremental: true, tokensPerEvent: 3 },
])('a stream with $tokensPerEvent tokens an event, incremental: $incremental', (shape) => {
  test('brings each token once, with the distribution of its position', async () => {
    const { upstream } = await opened(shape)
    const query = { prefix, candidates: 7, maxTokens: 20, sampling: greedy, signal }
    expect(await collectedSteps(upstream.stream(query))).toEqual(
      await collectedSteps(byteModel.stream(query)),
    )
  })
})

test('a server with a draft model is found out at the start, and asked for each token by itself', async () => {
  const { upstream, server } = await opened({ drafts: true })
  const before = server.requests.length
  const query = { prefix, candidates: 7, maxTokens: 9, sampling: greedy, signal }
  expect(await collectedSteps(upstream.stream(query))).toEqual(await collectedSteps(byteModel.stream(query)))
  const asked = server.requests.slice(before).filter(({ path }) => path === '/generate')
  expect(asked).toHaveLength(9)
  for (const { body } of asked) expect(body).toMatchObject({ sampling_params: { max_new_tokens: 1 } })
})

describe('log-probabilities', () => {
  const sampling = { temperature: 0.4, topP: 1, topK: 0, seed: 3 }
  test.each([true, false])('are those at temperature 1 in drawn streams (original: %s)', async (original) => {
    const { upstream } = await opened({ originalLogprobs: original })
    const steps = await collectedSteps(
      upstream.stream({ prefix, candidates: 5, maxTokens: 20, sampling, signal }),
    )
    expect(steps.length).toBeGreaterThan(3)
    const prefixes = steps.map((_, at) =>
      unguarded([...prefix, ...steps.slice(0, at).map(({ token }) => token)]),
    )
    const expected = await byteModel.distributions({ prefixes, candidates: 5, signal })
    expect(steps.map((step) => step.distribution)).toEqual(expected)
  })

  test('a batch is one request, answered in order', async () => {
    const { upstream, server } = await opened()
    const prefixes = ['b', 'abc', 'ab'].map((text) => unguarded(byteTokenizer.encode(text)))
    const before = server.requests.length
    const answers = await upstream.distributions({ prefixes, candidates: 4, signal })
    expect(server.requests.length).toBe(before + 1)
    expect(answers).toEqual(await byteModel.distributions({ prefixes, candidates: 4, signal }))
  })
})

describe('abort', () => {
  test('a stream that is left is aborted by its id', async () => {
    const { upstream, server } = await opened()
    for await (const _ of upstream.stream({
      prefix,
      candidates: 2,
      maxTokens: 3000,
      sampling: greedy,
      signal,
    })) {
      break
    }
    const sent = server.requests.filter(({ path }) => path === '/generate').at(-1)
    await vi.waitFor(() => {
      const aborts = server.requests.filter(({ path }) => path === '/abort_request')
      expect(aborts.at(-1)?.body).toEqual({ rid: (sent?.body as { rid: string } | undefined)?.rid })
    })
  })
})

describe('opening', () => {
  test('another chat template is refused', async () => {
    const { options } = await served()
    const encodeChat = () => tokenIds([1, 2, 3])
    const opening = openSglang({ ...options, tokenizer: { ...byteTokenizer, encodeChat } })
    await expect(opening).rejects.toMatchObject({ code: 'upstream_incapable' })
  })

  test('another vocabulary is refused', async () => {
    const { options } = await served()
    const bytes = (token: number) => Uint8Array.of(token === 65 ? 66 : token)
    const opening = openSglang({ ...options, vocabulary: { ...byteVocabulary, bytes } })
    await expect(opening).rejects.toMatchObject({ code: 'vocabulary_mismatch' })
  })

  test('more candidates than it answers are refused', async () => {
    const { options } = await served()
    await expect(openSglang({ ...options, candidates: 5000 })).rejects.toMatchObject({
      code: 'upstream_incapable',
    })
  })

  test('a prompt that does not fit is refused as too long', async () => {
    const { upstream } = await opened()
    const prefixes = [unguarded(byteTokenizer.encode('x'.repeat(5000)))]
    const asking = upstream.distributions({ prefixes, candidates: 4, signal })
    await expect(asking).rejects.toMatchObject({ code: 'context_length_exceeded' })
  })
})
