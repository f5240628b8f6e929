import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { greedy, type Sampling } from '../../../src/steer/sampling/sampling.ts'
import {
  raisesTokens,
  type ScoreAdjustments,
  scoreOffsets,
} from '../../../src/steer/sampling/score-adjustments.ts'
import { TokenSelector } from '../../../src/steer/sampling/token-selector.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import {
  letterVocabulary,
  randomModel,
  rowOf,
  TableUpstream,
  tableContinuation,
  topK,
} from '../table-models.ts'

const SIZE = 12
const penalty = fc.double({ min: -2, max: 2, noNaN: true })
const token = fc.integer({ min: 0, max: SIZE - 1 }).map(tokenId)
const adjustments: fc.Arbitrary<ScoreAdjustments> = fc.record({
  bias: fc
    .array(fc.tuple(token, fc.double({ min: -100, max: 100, noNaN: true })), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  presencePenalty: fc.oneof(fc.constant(0), penalty),
  frequencyPenalty: fc.oneof(fc.constant(0), penalty),
})
const emittedTokens = fc.array(token, { maxLength: 20 })
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: SIZE, maxLength: SIZE })

/** OpenAI's formula, spelled out for one token. */
function openAiOffset(
  { bias, presencePenalty, frequencyPenalty }: ScoreAdjustments,
  emitted: readonly TokenId[],
  id: TokenId,
): number {
  const count = emitted.filter((other) => other === id).length
  return (bias.get(id) ?? 0) - count * frequencyPenalty - (count > 0 ? presencePenalty : 0)
}

const everyToken = tokenIds(Array.from({ length: SIZE }, (_, id) => id))

describe('score adjustments', () => {
  test("are OpenAI's formula of the bias and of what the answer holds already", () => {
    fc.assert(
      fc.property(adjustments, emittedTokens, (how, emitted) => {
        const offsets = scoreOffsets(how, emitted)
        for (const id of everyToken) {
          expect(offsets.get(id) ?? 0).toBeCloseTo(openAiOffset(how, emitted, id), 9)
        }
      }),
    )
  })

  test('do not depend on the order in which tokens were emitted', () => {
    fc.assert(
      fc.property(adjustments, emittedTokens, (how, emitted) => {
        const backwards = scoreOffsets(how, emitted.toReversed())
        for (const [id, value] of scoreOffsets(how, emitted)) expect(backwards.get(id)).toBeCloseTo(value, 9)
      }),
    )
  })

  test('that raise nothing never raise a token above its own score', () => {
    fc.assert(
      fc.property(adjustments, emittedTokens, (how, emitted) => {
        const highest = Math.max(0, ...scoreOffsets(how, emitted).values())
        if (!raisesTokens(how)) expect(highest).toBe(0)
      }),
    )
  })
})

describe('selection with adjustments', () => {
  const pick = (sampling: Sampling, c: number) =>
    new TokenSelector({ strength: c, sampling, alternatives: SIZE })

  test('takes the best adjusted token, and reports its log-probability before the adjustments', () => {
    fc.assert(
      fc.property(logits, logits, adjustments, emittedTokens, (upstream, deltas, how, emitted) => {
        const plain = pick(greedy, 0.7).select(topK(upstream, SIZE), rowOf(deltas), 0)
        const chosen = pick({ ...greedy, adjustments: how }, 0.7).select(
          topK(upstream, SIZE),
          rowOf(deltas),
          emitted.length,
          [tokenId(3), ...emitted],
        )
        const steered = logSoftmax(upstream.map((value, id) => value + 0.7 * (deltas[id] ?? 0)))
        const adjusted = everyToken.map((id) => (steered[id] ?? 0) + openAiOffset(how, emitted, id))
        expect(adjusted[chosen.token]).toBeCloseTo(Math.max(...adjusted), 9)
        expect(chosen.logprob).toBeCloseTo(steered[chosen.token] ?? Number.NaN, 9)
        expect(chosen.alternatives).toEqual(plain.alternatives)
      }),
    )
  })

  test('a certified greedy step is never overturned by a larger K', () => {
    const candidates = fc.integer({ min: 1, max: SIZE })
    fc.assert(
      fc.property(
        logits,
        logits,
        adjustments,
        emittedTokens,
        candidates,
        (upstream, deltas, how, emitted, k) => {
          const selector = pick({ ...greedy, adjustments: how }, 0.7)
          const select = (count: number) =>
            selector.select(topK(upstream, count), rowOf(deltas), emitted.length, emitted)
          const narrow = select(k)
          if (narrow.certified) expect(narrow.token).toBe(select(SIZE).token)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('a ban is never sampled and a bias of 100 always, at any temperature', () => {
    const temperature = fc.constantFrom(0, 0.5, 1, 2)
    fc.assert(
      fc.property(logits, token, temperature, fc.integer(), (upstream, id, heat, seed) => {
        const select = (value: number) =>
          pick(
            {
              ...greedy,
              temperature: heat,
              seed,
              adjustments: { bias: new Map([[id, value]]), presencePenalty: 0, frequencyPenalty: 0 },
            },
            0,
          ).select(topK(upstream, SIZE), null, 0).token
        expect(select(-100)).not.toBe(id)
        expect(select(100)).toBe(id)
      }),
    )
  })

  test('min-p keeps the tokens of at least its share of the likeliest one', () => {
    const upstream = logSoftmax([4, 3, 2, 1, 0])
    const drawn = (minP: number, temperature: number) => {
      const selector = pick({ temperature, topP: 1, topK: 0, seed: 5, minP }, 0)
      const seen = new Set<number>()
      for (let position = 0; position < 3000; position++) {
        seen.add(selector.select(topK(upstream, 5), null, position).token)
      }
      return [...seen].sort()
    }
    expect(drawn(0, 1)).toEqual([0, 1, 2, 3, 4])
    expect(drawn(0.1, 1)).toEqual([0, 1, 2])
    expect(drawn(0.1, 2)).toEqual([0, 1, 2, 3, 4])
    expect(drawn(1, 1)).toEqual([0])
  })
})

describe('the reference loop with adjustments', () => {
  const vocabulary = letterVocabulary(SIZE)
  const prompt = unguarded([tokenId(3)])

  function decodeOptions(seed: number, sampling: Sampling): DecodeOptions & { upstream: TableUpstream } {
    return {
      local: tableContinuation(randomModel(seed + 1, SIZE, 4)),
      prompt,
      steering: { strength: 1, candidates: SIZE, fidelity: 'top-k', gate: null, onLocalFailure: 'fail' },
      sampling,
      alternatives: 0,
      channels: null,
      endTokens: new Set(),
      maxTokens: 12,
      clock: { now: () => 0 },
      trace: false,
      counters: newDecodeCounters(),
      signal: new AbortController().signal,
      upstream: new TableUpstream(randomModel(seed, SIZE, 4), vocabulary),
    }
  }

  async function tokensOf(events: AsyncIterable<DecodeEvent>): Promise<TokenId[]> {
    const tokens: TokenId[] = []
    for await (const event of events) if (event.type === 'token-emitted') tokens.push(event.token)
    return tokens
  }

  /** argmax of base + c * delta + offset, in its plainest form. */
  function plainAnswer(seed: number, c: number, how: ScoreAdjustments): TokenId[] {
    const upstream = randomModel(seed, SIZE, 4)
    const delta = randomModel(seed + 1, SIZE, 4)
    const emitted: TokenId[] = []
    while (emitted.length < 12) {
      const deltas = delta(emitted)
      const scores = logSoftmax(upstream([...prompt, ...emitted])).map(
        (value, id) => value + c * (deltas[id] ?? 0) + openAiOffset(how, emitted, tokenId(id)),
      )
      emitted.push(tokenId(scores.indexOf(Math.max(...scores))))
    }
    return emitted
  }

  test('steered and unsteered answers honour them alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), adjustments, async (seed, how) => {
        const sampling = { ...greedy, adjustments: how }
        const steered = decodeOptions(seed, sampling)
        expect(await tokensOf(referenceLoop(steered))).toEqual(plainAnswer(seed, 1, how))
        const unsteered = { ...decodeOptions(seed, sampling), local: null }
        expect(await tokensOf(referenceLoop(unsteered))).toEqual(plainAnswer(seed, 0, how))
      }),
      { numRuns: 50 },
    )
  })

  test('an answer that goes on without steering still counts the tokens before', async () => {
    const how: ScoreAdjustments = { bias: new Map(), presencePenalty: 2, frequencyPenalty: 1.5 }
    const options = decodeOptions(9, { ...greedy, adjustments: how })
    const { steering } = options
    const gate = { epsilon: 0.999, consecutive: 3 }
    const tokens = await tokensOf(referenceLoop({ ...options, steering: { ...steering, gate } }))
    const rest = randomModel(9, SIZE, 4)
    for (let position = 3; position < tokens.length; position++) {
      const before = tokens.slice(0, position)
      const scores = logSoftmax(rest([...prompt, ...before])).map(
        (value, id) => value + openAiOffset(how, before, tokenId(id)),
      )
      expect(tokens[position]).toBe(scores.indexOf(Math.max(...scores)))
    }
    expect(options.counters).toMatchObject({ steeredTokens: 3, unsteeredTokens: 9 })
  })

  test('without adjustments an unsteered answer stays one request', async () => {
    const options = { ...decodeOptions(4, { ...greedy, minP: 0.1 }), local: null }
    await tokensOf(referenceLoop(options))
    expect(options.upstream.asked).toHaveLength(1)
  })
})
