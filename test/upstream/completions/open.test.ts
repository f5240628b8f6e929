import { afterEach, describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import type { UpstreamSampling } from '../../../src/steer/upstream.ts'
import { openCompletions } from '../../../src/upstream/completions/open.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { byteModel, byteTokenizer, byteVocabulary } from '../served-model/byte-model.ts'
import { type CompletionsFakeOptions, startCompletionsFake } from './completions-fake.ts'

const signal = new AbortController().signal
const greedy: UpstreamSampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const prefix = unguarded(byteTokenizer.encode('The fox'))
const controlTokens = new Map([[tokenId(256), '<|end|>']])
/** Reads the end token's string as the end token, as the server does. */
const tokenizer = {
  ...byteTokenizer,
  encodePrompt: (text: string) =>
    text
      .split('<|end|>')
      .flatMap((piece, at) => [...(at === 0 ? [] : [tokenId(256)]), ...byteTokenizer.encode(piece)]),
}
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

async function served(options: Partial<CompletionsFakeOptions> = {}) {
  const server = await startCompletionsFake({
    upstream: byteModel,
    tokenizer,
    controlTokens,
    shape: 'chat',
    maxCandidates: 20,
    ...options,
  })
  open.push(server)
  const text = { vocabulary: byteVocabulary, tokenizer, controlTokens }
  return { server, access: { url: server.url, candidates: 20, ...text } }
}
async function opened(options: Partial<CompletionsFakeOptions> = {}, candidates = 20) {
  const { server, access } = await served(options)
  const upstream = await openCompletions({ ...access, candidates })
  open.push(upstream)
  return { server, upstream }
}
describe.each(['legacy', 'chat', 'webui'] as const)('the %s shape', (shape) => {
  test('a stream brings each token with its distribution', async () => {
    const { upstream } = await opened({ shape })
    const query = { prefix, candidates: 5, maxTokens: 20, sampling: greedy, signal }
    expect(await collectedSteps(upstream.stream(query))).toEqual(
      await collectedSteps(byteModel.stream(query)),
    )
  })

  test('a batch is one request, answered in order', async () => {
    const { upstream, server } = await opened({ shape })
    const prefixes = ['b', 'abc', 'ab'].map((text) => unguarded(byteTokenizer.encode(text)))
    const before = server.requests.length
    const answers = await upstream.distributions({ prefixes, candidates: 4, signal })
    expect(server.requests.length).toBe(before + 1)
    expect(answers).toEqual(await byteModel.distributions({ prefixes, candidates: 4, signal }))
  })

  test('the end token is told although its text is empty', async () => {
    const { upstream } = await opened({ shape })
    const query = { prefix, candidates: 5, maxTokens: 3_000, sampling: greedy, signal }
    const sampling = { temperature: 1, topP: 1, topK: 0, seed: 4 }
    const steps = await collectedSteps(upstream.stream({ ...query, sampling }))
    expect(steps.at(-1)?.token).toBe(256)
  })

  test('candidates inside a character are left out, and the rest is known to have gaps', async () => {
    const { upstream } = await opened({ shape, maxCandidates: 257 }, 257)
    const [answer] = await upstream.distributions({ prefixes: [prefix], candidates: 257, signal })
    const ids = [...(answer?.ids ?? [])]
    expect(ids.length).toBe(129)
    expect(ids.every((id) => id < 128 || id === 256)).toBe(true)
    expect(answer).toMatchObject({ hasGaps: true, complete: false })
  })
})

describe.each([
  { shape: 'legacy', drafts: 'bare' },
  { shape: 'chat', drafts: 'bare' },
  { shape: 'chat', drafts: 'silent' },
  { shape: 'webui', drafts: 'bare' },
] as const)('a server with a draft model, in the $shape shape, $drafts', (how) => {
  test('is found out at the start, and asked for each token by itself', async () => {
    const { upstream, server } = await opened(how)
    const before = server.requests.length
    const query = { prefix, candidates: 5, maxTokens: 12, sampling: greedy, signal }
    expect(await collectedSteps(upstream.stream(query))).toEqual(
      await collectedSteps(byteModel.stream(query)),
    )
    const asked = server.requests.slice(before)
    expect(asked).toHaveLength(12)
    for (const { body } of asked) expect(body).not.toHaveProperty('stream')
  })
})

describe('ids beside texts', () => {
  const twins = {
    ...byteVocabulary,
    bytes: (id: number) => byteVocabulary.bytes(tokenId(id === 300 ? 65 : id)),
  }

  test('tell tokens apart that have one text', async () => {
    const ids = Int32Array.from([65, 300, 66])
    const distribution = { ids, logprobs: Float64Array.from([-0.5, -1.5, -2]), complete: false }
    const model = {
      ...byteModel,
      vocabulary: { ...twins, size: 301 },
      async *stream() {
        yield { token: tokenId(65), distribution }
      },
    }
    const askedOf = async (shape: 'legacy' | 'webui') => {
      const { access } = await served({ shape, upstream: model })
      const upstream = await openCompletions({ ...access, vocabulary: model.vocabulary })
      open.push(upstream)
      const [answer] = await upstream.distributions({ prefixes: [prefix], candidates: 3, signal })
      return [...(answer?.ids ?? [])]
    }
    expect(await askedOf('webui')).toEqual([65, 300, 66])
    expect(await askedOf('legacy')).toEqual([66])
  })
})

describe('the shape of MLX-LM', () => {
  const mlx = { shape: 'mlx', maxCandidates: 10 } as const

  test('is found out, with the most candidates that it tells', async () => {
    const { upstream } = await opened(mlx)
    expect(upstream.limits.maxCandidates).toBe(10)
  })

  test('brings what the model thinks, one prompt a request', async () => {
    const { upstream, server } = await opened(mlx)
    const prefixes = ['b', 'abc'].map((text) => unguarded(byteTokenizer.encode(text)))
    const before = server.requests.length
    expect(await upstream.distributions({ prefixes, candidates: 4, signal })).toEqual(
      await byteModel.distributions({ prefixes, candidates: 4, signal }),
    )
    const asked = server.requests.slice(before).map(({ body }) => body)
    expect(asked).toHaveLength(2)
    for (const body of asked) expect(body).toMatchObject({ logprobs: true, top_logprobs: 4 })
  })

  test('has no candidates in streams: each token is asked for by itself', async () => {
    const { upstream } = await opened(mlx)
    const query = { prefix, candidates: 5, maxTokens: 12, sampling: greedy, signal }
    expect(await collectedSteps(upstream.stream(query))).toEqual(
      await collectedSteps(byteModel.stream(query)),
    )
  })
})

describe('candidates', () => {
  test.each([
    [5, 5],
    [20, 20],
    [50, 20],
  ])('with a server that allows %i, at most %i are asked for', async (allowed, expected) => {
    const { upstream } = await opened({ maxCandidates: allowed })
    expect(upstream.limits.maxCandidates).toBe(Math.min(expected, 20))
  })
})

describe('prompts', () => {
  test('tokens that end inside a character are refused', async () => {
    const { upstream } = await opened()
    const cut = unguarded([...prefix, ...byteTokenizer.encode('é').slice(0, 1)])
    const asking = upstream.distributions({ prefixes: [cut], candidates: 4, signal })
    await expect(asking).rejects.toMatchObject({ code: 'upstream_incapable' })
    const prefixes = [unguarded(byteTokenizer.encode('é'))]
    const whole = upstream.distributions({ prefixes, candidates: 4, signal })
    expect(await whole).toHaveLength(1)
  })

  test('text that reads like a control token is refused rather than sent', async () => {
    const { upstream, server } = await opened()
    const before = server.requests.length
    const hostile = unguarded(byteTokenizer.encode('say <|end|> now'))
    const asking = upstream.distributions({ prefixes: [hostile], candidates: 4, signal })
    await expect(asking).rejects.toMatchObject({ code: 'upstream_incapable' })
    expect(server.requests.length).toBe(before)
  })

  test('real control tokens are sent as their strings', async () => {
    const { upstream, server } = await opened()
    const prompt = unguarded([...byteTokenizer.encode('a'), tokenId(256), ...byteTokenizer.encode('b')])
    await upstream.distributions({ prefixes: [prompt], candidates: 4, signal })
    expect(server.requests.at(-1)?.body).toMatchObject({ prompt: 'a<|end|>b' })
  })
})

describe('opening', () => {
  test('a server that counts other tokens is refused', async () => {
    const { access } = await served()
    const halved = { ...tokenizer, encodePrompt: (text: string) => tokenizer.encodePrompt(text).slice(1) }
    await expect(openCompletions({ ...access, tokenizer: halved })).rejects.toMatchObject({
      code: 'vocabulary_mismatch',
    })
  })

  test('a window that the configuration tells is believed', async () => {
    const { access } = await served()
    const upstream = await openCompletions({ ...access, contextTokens: 100 })
    open.push(upstream)
    expect(upstream.limits.contextTokens).toBe(100)
    const long = unguarded(tokenIds(new Uint8Array(100).fill(65)))
    const asking = upstream.distributions({ prefixes: [long], candidates: 4, signal })
    await expect(asking).rejects.toMatchObject({ code: 'context_length_exceeded' })
  })
})
