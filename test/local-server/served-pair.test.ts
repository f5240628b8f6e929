import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unguarded } from '../../src/guard/public.ts'
import { PairServer } from '../../src/local-server/pair-server.ts'
import { servedPair } from '../../src/local-server/served-pair.ts'
import type { DecodeEvent, DecodeOptions } from '../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../src/steer/decoding/reference-loop.ts'
import type { LocalPair, LocalRow } from '../../src/steer/local-pair.ts'
import { lookaheadLoop } from '../../src/steer/lookahead/lookahead-loop.ts'
import { defaultLookahead } from '../../src/steer/lookahead/lookahead-settings.ts'
import { gumbelNoise } from '../../src/steer/sampling/gumbel-noise.ts'
import { type TokenId, tokenId, tokenIds } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { HttpEndpoint } from '../../src/upstream/http/http-endpoint.ts'
import { byteModel, byteTokenizer, byteVocabulary, topOf } from '../upstream/served-model/byte-model.ts'
import { startLocalServerFake } from './local-server-fake.ts'

const SIZE = byteVocabulary.size
const everyId = Int32Array.from({ length: SIZE }, (_, id) => id)
const withProfile = byteTokenizer.encode('Zyzzyva keeps bees. Write a letter.')
const without = byteTokenizer.encode('Write a letter.')
const never = new AbortController().signal

/** Logits that depend on every byte, over some letters. */
function logitsBehind(prefix: readonly number[]): Float64Array {
  let hash = 7
  for (const token of prefix) hash = (Math.imul(hash, 31) + token) >>> 0
  return Float64Array.from({ length: SIZE }, (_, id) =>
    id >= 97 && id < 123 ? 2 * gumbelNoise(hash, 1, id) : -9 - id / 1000,
  )
}

const model: Upstream = {
  ...byteModel,
  distributions: async ({ prefixes, candidates }) =>
    prefixes.map((prefix) => topOf(logitsBehind(prefix), candidates)),
  async *stream({ prefix, candidates, maxTokens, signal }) {
    const soFar = [...prefix]
    for (let step = 0; step < maxTokens; step++) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      const distribution = topOf(logitsBehind(soFar), candidates)
      const token = tokenId(distribution.ids[0] as number)
      yield { token, distribution }
      soFar.push(token)
    }
  },
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened(options: { slots?: number; candidates?: number; goesBack?: boolean } = {}) {
  const fake = await startLocalServerFake({ upstream: model, tokenizer: byteTokenizer, ...options })
  const endpoint = new HttpEndpoint({ url: fake.url, who: "The local model's server" })
  open.push(endpoint, fake)
  const { slots = 2, candidates = SIZE, goesBack = true } = options
  const named = { endpoint, vocabulary: byteVocabulary, model: undefined, served: fake.model, rows: SIZE }
  const server = new PairServer({ ...named, candidates })
  const { contextTokens } = model.limits
  return { fake, pair: servedPair({ server, slots, contextTokens, vocabularySize: SIZE, goesBack }) }
}

function start(pair: LocalPair, { prompt = withProfile, signal = never } = {}) {
  return pair.open({ with: prompt, without, strength: 0.8, signal })
}

function deltas(row: LocalRow | undefined): number[] {
  const values = new Float64Array(SIZE)
  row?.deltasInto(everyId, values)
  return [...values]
}

/** What the models give behind both prompts and `path`. */
function expected(path: readonly number[]): number[] {
  const logprobs = (prompt: readonly number[]) => {
    const { ids, logprobs: values } = topOf(logitsBehind([...prompt, ...path]), SIZE)
    return everyId.reduce((sum, id) => sum.set(id, values[ids.indexOf(id)] ?? 0), new Map<number, number>())
  }
  const [one, other] = [logprobs(withProfile), logprobs(without)]
  return [...everyId].map((id) => (one.get(id) ?? 0) - (other.get(id) ?? 0))
}

function expectDeltas(row: LocalRow | undefined, path: readonly number[]): void {
  const wanted = expected(path)
  for (const [id, delta] of deltas(row).entries()) expect(delta).toBeCloseTo(wanted[id] ?? 0, 8)
}

describe('rows of a pair on a server', () => {
  test('are those of its two streams, in chains, on branches and after going back', async () => {
    const { pair } = await opened()
    const local = await start(pair)
    expectDeltas(local.root, [])
    const [a, ab] = await local.feed(local.root, tokenIds([97, 98]))
    expectDeltas(a, [97])
    expectDeltas(ab, [97, 98])
    const [c, cd, x] = await local.feedTree([
      { parent: local.root, token: 99 as TokenId },
      { parent: 0, token: 100 as TokenId },
      { parent: ab as LocalRow, token: 120 as TokenId },
    ])
    expectDeltas(c, [99])
    expectDeltas(cd, [99, 100])
    expectDeltas(x, [97, 98, 120])
    expect([local.root, a, cd, x].map((row) => row?.depth)).toEqual([0, 1, 2, 3])
  })

  test('take a request and a token of each stream for a step, in a slot of its own', async () => {
    const { fake, pair } = await opened({ candidates: 20 })
    const local = await start(pair)
    expect(local.prefill).toEqual({
      cachedTokens: 0,
      computedTokens: withProfile.length + without.length,
    })
    await local.feed(local.root, tokenIds([97, 98, 99]))
    const steps = fake.computed.slice(2)
    expect(steps.map(({ slot, tokens }) => [slot, tokens])).toEqual(
      [0, 1, 0, 1, 0, 1].map((slot) => [slot, 1]),
    )
    expect(fake.requests).toHaveLength(2 + 3)
  })

  test('come back to their slots once another program has used one', async () => {
    const { fake, pair } = await opened({ slots: 4 })
    const local = await start(pair)
    const [first] = await local.feed(local.root, tokenIds([97]))
    fake.occupy(0, [1, 2, 3])
    fake.occupy(2, withProfile)
    const [second] = await local.feed(first as LocalRow, tokenIds([98]))
    expect(fake.computed.at(-2)?.slot).toBe(2)
    const [third] = await local.feed(second as LocalRow, tokenIds([99]))
    expectDeltas(third, [97, 98, 99])
    expect(fake.computed.slice(-2).map(({ slot }) => slot)).toEqual(expect.arrayContaining([0, 1]))
  })

  test('are refused where they do not fit a slot, whose last place the server keeps', async () => {
    const { pair } = await opened()
    expect(pair.contextTokens).toBe(model.limits.contextTokens - 1)
    const full = tokenIds(Array.from({ length: pair.contextTokens }, () => 97))
    const local = await start(pair, { prompt: full })
    await expect(local.feed(local.root, tokenIds([97]))).rejects.toMatchObject({
      code: 'context_length_exceeded',
    })
    local.close()
    await expect(start(pair, { prompt: [...full, ...full] })).rejects.toMatchObject({
      code: 'context_length_exceeded',
    })
  })
})

describe('answers beside each other', () => {
  test('have two slots each, and the next one waits for those of the first to end', async () => {
    const { pair } = await opened({ slots: 5 })
    const [first, second] = await Promise.all([start(pair), start(pair)])
    let third = false
    const waiting = start(pair).then((local) => {
      third = true
      return local
    })
    await Promise.all([first.feed(first.root, tokenIds([97])), second.feed(second.root, tokenIds([98]))])
    expect(third).toBe(false)
    second.close()
    expectDeltas((await waiting).root, [])
  })

  test('begin in the slots that hold most of their prompts', async () => {
    const { fake, pair } = await opened({ slots: 4 })
    const other = byteTokenizer.encode('Somebody else. Write a letter.')
    const [first, second] = [await start(pair, { prompt: other }), await start(pair)]
    first.close()
    second.close()
    const again = await start(pair)
    expect(again.prefill.computedTokens).toBe(2)
    expect(fake.computed.slice(-2).map(({ slot }) => slot)).toEqual(expect.arrayContaining([2, 3]))
  })

  test('that are left while they wait, or open, give their place back', async () => {
    const { fake, pair } = await opened()
    const first = await start(pair)
    const leaving = new AbortController()
    const waiting = start(pair, { signal: leaving.signal })
    leaving.abort(new Error('nobody waits'))
    await expect(waiting).rejects.toThrow('nobody waits')
    first.close()
    fake.answers(() => ({ status: 500, json: {} }))
    await expect(start(pair)).rejects.toMatchObject({ code: 'local_model_failed' })
    fake.answers(null)
    expectDeltas((await start(pair)).root, [])
  })
})

describe('a server that fails', () => {
  const said = 'Zyzzyva keeps bees'
  const failures: [string, (path: string) => { status?: number; json: unknown }][] = [
    [
      'an error that repeats the prompt',
      () => ({ status: 500, json: { error: { message: said, type: said } } }),
    ],
    ['an error whose type is a word of it', () => ({ status: 400, json: { error: { type: 'Zyzzyva' } } })],
    ['a page instead of a reply', () => ({ json: said })],
    ['no log-probabilities', () => ({ json: [{ content: said }, { content: said }] })],
    ['one answer for two prompts', () => ({ json: [{ content: said }] })],
    ['another model', () => ({ json: [{ model: 'Zyzzyva' }, { model: 'Zyzzyva' }] })],
  ]

  test.each(failures)(
    'with %s is a failed local model, and nothing that it wrote is told',
    async (_, reply) => {
      const { fake, pair } = await opened()
      const local = await start(pair)
      fake.answers(reply)
      const failure = await local.feed(local.root, tokenIds([97])).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'local_model_failed' })
      for (let told = failure; told instanceof Error; told = told.cause) {
        expect(`${told.message} ${told.stack} ${JSON.stringify(told)}`).not.toMatch(/zyzzyva/i)
      }
    },
  )

  test('fails the step that it misses, and goes on with the next one where it is back', async () => {
    const { fake, pair } = await opened()
    const local = await start(pair)
    fake.answers(() => {
      throw new Error('gone')
    })
    await expect(local.feed(local.root, tokenIds([97]))).rejects.toMatchObject({ code: 'local_model_failed' })
    fake.answers(null)
    fake.occupy(0, [])
    fake.occupy(1, [])
    const [row] = await local.feed(local.root, tokenIds([97]))
    expectDeltas(row, [97])
  })

  test('is asked nothing more for an answer that was closed', async () => {
    const { fake, pair } = await opened()
    const local = await start(pair)
    local.close()
    const before = fake.requests.length
    await expect(local.feed(local.root, tokenIds([97]))).rejects.toThrow()
    expect(fake.requests).toHaveLength(before)
  })
})

describe('both loops', () => {
  let counters: ReturnType<typeof newDecodeCounters>
  beforeEach(() => {
    counters = newDecodeCounters()
  })

  function decodeOptions(local: DecodeOptions['local'], onLocalFailure: 'fail' | 'continue-unsteered') {
    return {
      upstream: model,
      local,
      prompt: unguarded(without),
      steering: {
        strength: 0.8,
        candidates: 30,
        fidelity: 'top-k',
        gate: null,
        onLocalFailure,
        leakBudgetBits: null,
      },
      sampling: { temperature: 0.9, topP: 1, topK: 0, minP: 0, seed: 5 },
      alternatives: 0,
      channels: null,
      guard: null,
      endTokens: byteVocabulary.endTokens,
      maxTokens: 24,
      clock: performance,
      trace: false,
      counters,
      signal: never,
    } as const satisfies DecodeOptions
  }

  async function tokensOf(events: AsyncIterable<DecodeEvent>, onToken?: (count: number) => void) {
    const tokens: { token: number; steered: boolean }[] = []
    for await (const event of events) {
      if (event.type !== 'token-emitted') continue
      tokens.push({ token: event.token, steered: event.steered })
      onToken?.(tokens.length)
    }
    return tokens
  }

  test.each([true, false])('emit the same tokens, where going back is cheap: %s', async (goesBack) => {
    const { fake, pair } = await opened({ candidates: 40, goesBack })
    const one = await start(pair)
    const plain = await tokensOf(referenceLoop(decodeOptions(one, 'fail')))
    one.close()
    const other = await start(pair)
    const before = fake.computed.length
    const { passes: localPasses } = pair
    const lookahead = { ...defaultLookahead, ...(localPasses && { localPasses }) }
    const ahead = await tokensOf(lookaheadLoop(decodeOptions(other, 'fail'), lookahead))
    expect(ahead).toEqual(plain)
    expect(plain).toHaveLength(24)
    // Guesses that are dropped again would have the whole prompt computed
    const steps = fake.computed.slice(before)
    if (!goesBack) expect(Math.max(...steps.map(({ tokens }) => tokens))).toBe(1)
  })

  test.each(['token by token', 'ahead'])(
    'decoding %s goes on unsteered once the server is gone',
    async (way) => {
      const { fake, pair } = await opened()
      const local = await start(pair)
      const options = decodeOptions(local, 'continue-unsteered')
      const events = way === 'ahead' ? lookaheadLoop(options, defaultLookahead) : referenceLoop(options)
      const tokens = await tokensOf(events, (count) => {
        if (count === 5) fake.answers(() => ({ status: 503, json: {} }))
      })
      expect(tokens).toHaveLength(24)
      expect(tokens.slice(0, 5).every(({ steered }) => steered)).toBe(true)
      expect(tokens.at(-1)?.steered).toBe(false)
    },
  )

  test.each(['token by token', 'ahead'])('decoding %s fails where that is configured', async (way) => {
    const { fake, pair } = await opened()
    const options = decodeOptions(start(pair), 'fail')
    const events = way === 'ahead' ? lookaheadLoop(options, defaultLookahead) : referenceLoop(options)
    const ended = tokensOf(events, (count) => {
      if (count === 5) fake.answers(() => ({ status: 503, json: {} }))
    })
    await expect(ended).rejects.toMatchObject({ code: 'local_model_failed' })
  })

  test('count the candidates of which the server named nothing', async () => {
    const { pair } = await opened({ candidates: 3 })
    await tokensOf(referenceLoop(decodeOptions(await start(pair), 'fail')))
    expect(counters.knownCandidates + counters.neutralCandidates).toBe(24 * 30)
    expect(counters.neutralCandidates).toBeGreaterThan(24 * 20)
    expect(counters.coveredMass).toBeLessThan(24)
  })
})
