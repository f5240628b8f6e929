import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { DecodeEvent, DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import { letterVocabulary, randomModel, TableUpstream, tableContinuation } from '../table-models.ts'

const SIZE = 9
const vocabulary = letterVocabulary(SIZE)
const prompt = unguarded([tokenId(3)])

function decodeOptions(
  seed: number,
  change: Partial<DecodeOptions> = {},
): DecodeOptions & { upstream: TableUpstream } {
  return {
    local: tableContinuation(randomModel(seed + 1, SIZE, 4)),
    prompt,
    steering: { strength: 1, candidates: SIZE, fidelity: 'top-k', gate: null, onLocalFailure: 'fail' },
    sampling: greedy,
    alternatives: 0,
    channels: null,
    endTokens: vocabulary.endTokens,
    maxTokens: 12,
    clock: { now: () => 0 },
    trace: false,
    counters: newDecodeCounters(),
    signal: new AbortController().signal,
    ...change,
    upstream: new TableUpstream(randomModel(seed, SIZE, 4), vocabulary),
  }
}

async function collect(events: AsyncIterable<DecodeEvent>): Promise<DecodeEvent[]> {
  const all: DecodeEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

function tokensOf(events: readonly DecodeEvent[]) {
  return events.flatMap((event) => (event.type === 'token-emitted' ? [event.token] : []))
}

/** The algorithm in its plainest form: argmax of base + delta over the whole vocabulary. */
function plainSteering(seed: number, maxTokens: number): number[] {
  const upstream = randomModel(seed, SIZE, 4)
  const delta = randomModel(seed + 1, SIZE, 4)
  const emitted: number[] = []
  while (emitted.length < maxTokens) {
    const deltas = delta(emitted)
    const scores = logSoftmax(upstream([...prompt, ...emitted])).map((value, id) => value + (deltas[id] ?? 0))
    const token = scores.indexOf(Math.max(...scores))
    if (token === SIZE - 1) break
    emitted.push(token)
  }
  return emitted
}

describe('the reference loop', () => {
  test('emits the argmax of base + c * delta until the end token or the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 20 }), async (seed, maxTokens) => {
        const events = await collect(referenceLoop(decodeOptions(seed, { maxTokens })))
        const expected = plainSteering(seed, maxTokens)
        expect(tokensOf(events)).toEqual(expected)
        const reason = expected.length === maxTokens ? 'length' : 'end-token'
        expect(events.at(-1)).toEqual({ type: 'decode-end', reason })
      }),
    )
  })

  test('the upstream is asked for nothing but the prompt and emitted tokens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const options = decodeOptions(seed)
        const emitted = tokensOf(await collect(referenceLoop(options)))
        const whole = [...prompt, ...emitted]
        expect(options.counters).toMatchObject({ steeredTokens: emitted.length, unsteeredTokens: 0 })
        expect(options.counters.upstreamQueries).toBe(options.upstream.asked.length)
        for (const prefix of options.upstream.asked) expect(prefix).toEqual(whole.slice(0, prefix.length))
      }),
    )
  })

  test('exact fidelity with few candidates emits what the whole vocabulary gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: SIZE }), async (seed, candidates) => {
        const { steering } = decodeOptions(seed)
        const exact = decodeOptions(seed, { steering: { ...steering, candidates, fidelity: 'exact' } })
        expect(tokensOf(await collect(referenceLoop(exact)))).toEqual(plainSteering(seed, exact.maxTokens))
      }),
    )
  })

  test('without a local pair the upstream streams its own answer in one request', async () => {
    const options = decodeOptions(5, { local: null })
    const events = await collect(referenceLoop(options))
    expect(options.upstream.asked).toEqual([prompt])
    expect(events.every((event) => event.type === 'decode-end' || !event.steered)).toBe(true)
  })

  test('a closed gate hands the rest of the answer to one free-running stream', async () => {
    const { steering } = decodeOptions(1)
    const options = decodeOptions(1, {
      steering: { ...steering, gate: { epsilon: 0.999, consecutive: 2 } },
      endTokens: new Set(),
      maxTokens: 10,
    })
    const events = await collect(referenceLoop(options))
    const steered = events.filter((event) => event.type === 'token-emitted').map((event) => event.steered)
    expect(steered).toEqual([true, true, ...Array(8).fill(false)])
    expect(options.upstream.asked).toHaveLength(3)
  })

  test('a consumer that leaves ends the free-running stream', async () => {
    const options = decodeOptions(2, { local: null, endTokens: new Set() })
    for await (const _ of referenceLoop(options)) break
    expect(options.upstream.streamsEnded).toBe(1)
  })

  test.each(['continue-unsteered', 'fail'] as const)('a failing local model: %s', async (onLocalFailure) => {
    const { steering } = decodeOptions(3)
    const local = tableContinuation(randomModel(4, SIZE, 4))
    let feeds = 0
    const feed = local.feed.bind(local)
    local.feed = (from, tokens) =>
      ++feeds > 2 ? Promise.reject(new Error('worker gone')) : feed(from, tokens)
    const options = decodeOptions(3, {
      local,
      steering: { ...steering, onLocalFailure },
      endTokens: new Set(),
      maxTokens: 8,
    })
    const run = collect(referenceLoop(options))
    if (onLocalFailure === 'fail') {
      await expect(run).rejects.toThrow('worker gone')
    } else {
      expect(tokensOf(await run)).toHaveLength(8)
    }
  })

  test('a full local window leaves the rest of the answer to the upstream, whatever the setting', async () => {
    const local = tableContinuation(randomModel(4, SIZE, 4))
    local.feed = () => Promise.reject(new GatewayError('context_length_exceeded', 'The window is full.'))
    const options = decodeOptions(3, { local, endTokens: new Set(), maxTokens: 8 })
    expect(tokensOf(await collect(referenceLoop(options)))).toHaveLength(8)
  })

  test('an abort between tokens rejects with its reason', async () => {
    const controller = new AbortController()
    const run = referenceLoop(decodeOptions(6, { signal: controller.signal, endTokens: new Set() }))
    await run.next()
    controller.abort(new Error('client gone'))
    await expect(run.next()).rejects.toThrow('client gone')
  })
})
