import { afterEach, describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import type { PublicTokens } from '../../../src/steer/guard/public-tokens.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { Upstream, UpstreamSampling } from '../../../src/steer/upstream.ts'
import { type ChatPrefixOptions, openChatPrefix } from '../../../src/upstream/chat-prefix/open.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { byteTokenizer, byteVocabulary } from '../served-model/byte-model.ts'
import { type ChatPrefixFakeOptions, startChatPrefixFake } from './chat-prefix-fake.ts'
import { countingModel } from './counting-model.ts'

const signal = new AbortController().signal
const greedy: UpstreamSampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const controlTokens = new Map([[tokenId(256), '<|end|>']])
const messages = [
  { role: 'system', content: 'Sei kurz.' },
  { role: 'user', content: 'Grüße an "Ann"\n👋' },
] as const
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

async function opened(fake: Partial<ChatPrefixFakeOptions> = {}, options: Partial<ChatPrefixOptions> = {}) {
  const model = { upstream: countingModel, tokenizer: byteTokenizer, controlTokens }
  const server = await startChatPrefixFake({ ...model, continues: 'prefix', ...fake })
  open.push(server)
  const text = { vocabulary: byteVocabulary, tokenizer: byteTokenizer, controlTokens }
  const upstream = await openChatPrefix({ url: server.url, candidates: 20, ...text, ...options })
  open.push(upstream)
  return { server, upstream }
}

/** What the model behind the service writes, asked without it. */
function direct(answer: string, maxTokens: number) {
  const prefix = unguarded([...byteTokenizer.encodeChat(messages), ...byteTokenizer.encode(answer)])
  return countingModel.stream({ prefix, candidates: 5, maxTokens, sampling: greedy, signal })
}

function textOf(tokens: readonly TokenId[]): string {
  return Buffer.from(tokens).toString()
}

async function promptOf(upstream: Upstream, answer = ''): Promise<PublicTokens> {
  const chat = await upstream.encodeChat(unguarded({ messages }), signal)
  return unguarded([...chat, ...byteTokenizer.encode(answer)])
}

test('a service with a draft model is found out at the start, and asked for each token by itself', async () => {
  const { upstream, server } = await opened({ drafts: true })
  const before = server.requests.length
  const prefix = await promptOf(upstream, 'Ja')
  const query = { prefix, candidates: 5, maxTokens: 6, sampling: greedy, signal }
  const tokens = async (steps: AsyncIterable<{ readonly token: TokenId }>) => {
    const made: TokenId[] = []
    for await (const { token } of steps) made.push(token)
    return made
  }
  expect(await tokens(upstream.stream(query))).toEqual(await tokens(direct('Ja', 6)))
  const asked = server.requests.slice(before)
  expect(asked).toHaveLength(6)
  for (const { body } of asked) expect(body).toMatchObject({ max_tokens: 1 })
})

describe.each(['continue_final_message', 'prefix', 'last-message'] as const)(
  'a service that goes on by %s',
  (continues) => {
    test('is found out, and streams what its model writes behind the answer so far', async () => {
      const { upstream } = await opened({ continues })
      for (const answer of ['', 'Ja', 'Ja, ']) {
        const prefix = await promptOf(upstream, answer)
        const query = { prefix, candidates: 5, maxTokens: 12, sampling: greedy, signal }
        const steps = await collectedSteps(upstream.stream(query))
        const expected = await collectedSteps(direct(answer, 12))
        expect(textOf(steps.map(({ token }) => token))).toBe(textOf(expected.map(({ token }) => token)))
        expect(steps.map(({ distribution }) => [...distribution.ids])).toEqual(
          expected.map(({ distribution }) => [...distribution.ids]),
        )
      }
    })
  },
)

test('a service that repeats the beginning of an answer goes on with it all the same', async () => {
  const { upstream } = await opened({ echoes: true })
  expect(upstream.limits.maxCandidates).toBe(20)
})

describe('what is asked', () => {
  test('is the conversation as it is, with its own fields, and the beginning of the answer behind it', async () => {
    const fields = { thinking: { type: 'disabled' } }
    const { upstream, server } = await opened({}, { requestFields: fields })
    await upstream.distributions({ prefixes: [await promptOf(upstream, 'Ja')], candidates: 3, signal })
    expect(server.requests.at(-1)?.body).toMatchObject({
      ...fields,
      model: 'bytes',
      messages: [...messages, { role: 'assistant', content: 'Ja', prefix: true }],
      logprobs: true,
      top_logprobs: 3,
      max_tokens: 1,
      temperature: 0,
    })
    await upstream.distributions({ prefixes: [await promptOf(upstream)], candidates: 3, signal })
    expect(server.requests.at(-1)?.body).toMatchObject({ messages })
  })

  test('about guesses that the model itself makes is one query for all of them', async () => {
    const { upstream, server } = await opened()
    const steps = await collectedSteps(direct('Ja', 4))
    const guesses = steps.map(({ token }) => token)
    const prompt = await promptOf(upstream, 'Ja')
    const prefixes = [2, 0, 3, 1].map((length) => unguarded([...prompt, ...guesses.slice(0, length)]))
    const before = server.requests.length
    const answers = await upstream.distributions({ prefixes, candidates: 5, signal })
    expect(server.requests.length).toBe(before + 1)
    expect(answers.map(({ ids }) => ids[0])).toEqual([2, 0, 3, 1].map((at) => guesses[at]))
  })

  test('about other guesses takes one query more for each', async () => {
    const { upstream, server } = await opened()
    const prompt = await promptOf(upstream, 'Ja')
    const wrong = unguarded([...prompt, ...byteTokenizer.encode('~~')])
    const before = server.requests.length
    const prefixes = [wrong, prompt, unguarded(wrong.slice(0, -1))]
    const answers = await upstream.distributions({ prefixes, candidates: 5, signal })
    expect(server.requests.length).toBe(before + 3)
    const alone = await Promise.all(
      prefixes.map((prefix) => upstream.distributions({ prefixes: [prefix], candidates: 5, signal })),
    )
    expect(answers).toEqual(alone.flat())
  })

  test('behind which nothing is told of the likeliest token is asked for another, whose candidates are the same', async () => {
    const [first] = await collectedSteps(direct('Ja', 1))
    const { upstream, server } = await opened({ hides: (token) => token === first?.token })
    const prompt = await promptOf(upstream, 'Ja')
    const before = server.requests.length
    const [answer] = await upstream.distributions({ prefixes: [prompt], candidates: 5, signal })
    expect(server.requests.length).toBeGreaterThan(before + 1)
    expect(answer && [...answer.ids]).toEqual([...(first?.distribution.ids ?? [])])
  })

  test('goes to the configured path, and asks for no window that is known', async () => {
    const path = '/beta/chat/completions'
    const known = { chatPath: path, model: 'bytes', contextTokens: 4_096 }
    const { server } = await opened({ path }, known)
    expect(new Set(server.requests.map((request) => request.path))).toEqual(new Set([path]))
  })

  test.each([
    [5, 5],
    [50, 20],
  ])('with a service that allows %i candidates are at most %i', async (maxCandidates, expected) => {
    const { upstream } = await opened({ maxCandidates })
    expect(upstream.limits.maxCandidates).toBe(expected)
  })
})

describe('the end of an answer', () => {
  test.each([true, false])('is the last step of a stream (hidden: %s)', async (hidesEnd) => {
    const { upstream } = await opened({ hidesEnd })
    const sampling = { temperature: 1, topP: 1, topK: 0, seed: 4 }
    const prefix = await promptOf(upstream, 'Ja')
    const steps = await collectedSteps(
      upstream.stream({ prefix, candidates: 5, maxTokens: 3_000, sampling, signal }),
    )
    expect(steps.findIndex(({ token }) => token === 256)).toBe(steps.length - 1)
  })
})

describe('a service is refused with what to do', () => {
  test.each([
    [{ continues: 'never' as const }, /answers anew.*chat_path/],
    [{ trims: true }, /spaces at the end.*own kind/],
  ])('for %j', async (fake, message) => {
    await expect(opened(fake)).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringMatching(message),
    })
  })

  test('for a text that is no conversation', async () => {
    const { upstream } = await opened()
    const asking = upstream.distributions({
      prefixes: [unguarded(byteTokenizer.encode('Once'))],
      candidates: 3,
      signal,
    })
    await expect(asking).rejects.toMatchObject({
      code: 'upstream_incapable',
      message: expect.stringContaining('/v1/chat/completions'),
    })
  })
})
