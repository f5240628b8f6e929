import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import type { LocalContinuation, LocalPair, LocalRow } from '../../../src/steer/local-pair.ts'
import { type TokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const shape = tinyShapes['llama, 3 queries a key, tied head']
const vocabulary = shape.vocabularySize
const everyId = Int32Array.from({ length: vocabulary }, (_, id) => id)
const noIds = new Int32Array(0)
const STRENGTH = 0.7
const { signal } = new AbortController()

let graph: BuiltGraph
let remove: () => Promise<void>
let engine: Engine
let pair: LocalPair

beforeAll(async () => {
  const prepared = await prepareTiny(shape)
  graph = prepared.graph
  remove = prepared.remove
  engine = startEngine({ threads: 2 })
  pair = await openLocalPair({ engine, graph, cacheBytes: 0 })
})
afterAll(async () => {
  await engine.close()
  await remove()
})

function tokens(count: number, seed: number): TokenId[] {
  return tokenIds(someTokens(count, seed))
}

function deltas(row: LocalRow | undefined): Float64Array {
  const values = new Float64Array(vocabulary)
  row?.deltasInto(everyId, values)
  return values
}

function open(
  options: { with?: number; without?: number; seed?: number; pair?: LocalPair; signal?: AbortSignal } = {},
): Promise<LocalContinuation> {
  return (options.pair ?? pair).open({
    with: tokens(options.with ?? 90, options.seed ?? 1),
    without: tokens(options.without ?? 20, (options.seed ?? 1) + 1),
    strength: STRENGTH,
    signal: options.signal ?? new AbortController().signal,
  })
}

/** Logits after the last of `sequence`, by a session of one stream. */
async function alone(session: DecoderSession, sequence: readonly number[]): Promise<Float32Array> {
  const cache = new KeyValueCache(session.shape)
  const all = Int32Array.from(sequence)
  let last: Float32Array = new Float32Array(0)
  while (cache.length < all.length) {
    const count = stepTokens(cache.length, all.length - cache.length)
    const chunk = all.subarray(cache.length, cache.length + count)
    last = (await session.run({ streams: [{ cache, tokens: chunk }] })).logits?.data as Float32Array
  }
  return last
}

describe('the rows of a pair', () => {
  let single: DecoderSession
  beforeAll(async () => {
    single = await DecoderSession.create(graph, { kind: 'logits', threads: 2 })
  })
  afterAll(() => single.release())

  test.each([
    [90, 20],
    [1, 1],
    [20, 200],
    [64, 128],
  ])('with %i and %i prompt tokens: each stream is what it is alone', async (withTokens, withoutTokens) => {
    const continuation = await open({ with: withTokens, without: withoutTokens })
    const answer = tokens(70, 9)
    const rows = [continuation.root, ...(await continuation.feed(continuation.root, answer))]
    for (const depth of [0, 1, 44, 70]) {
      const emitted = answer.slice(0, depth)
      const withProfile = await alone(single, [...tokens(withTokens, 1), ...emitted])
      const without = await alone(single, [...tokens(withoutTokens, 2), ...emitted])
      expect(rows[depth]?.depth).toBe(depth)
      expect(deltas(rows[depth])).toEqual(
        Float64Array.from(withProfile, (logit, id) => Math.fround(logit - (without[id] ?? 0))),
      )
    }
    continuation.close()
  })

  test('guesses are the best of the distributions they stand for', async () => {
    const continuation = await open()
    const without = await alone(single, tokens(20, 2))
    const delta = deltas(continuation.root)
    for (const [guesses, strength] of [
      [continuation.root.publicGuesses, 0],
      [continuation.root.privateGuesses, STRENGTH],
    ] as const) {
      const scores = Array.from(without, (logit, id) => logit + strength * (delta[id] ?? 0))
      const top = Math.max(...scores)
      const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0)
      const best = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
      expect(guesses.map(({ token }) => token)).toEqual(best.slice(0, 8))
      for (const { token, probability } of guesses)
        expect(probability).toBeCloseTo(Math.exp((scores[token] ?? 0) - top) / total, 4)
    }
    continuation.close()
  })

  test('a token with the neutral delta is as likely after steering as before', async () => {
    const { root } = await open()
    const without = await alone(single, tokens(20, 2))
    const delta = deltas(root)
    const mass = (strength: number) =>
      without.reduce((sum, logit, id) => sum + Math.exp(logit + strength * (delta[id] ?? 0)), 0)
    expect(root.neutralDelta).toBeCloseTo(Math.log(mass(STRENGTH) / mass(0)) / STRENGTH, 4)
    const unsteered = await pair.open({ with: tokens(9, 1), without: tokens(9, 2), strength: 0, signal })
    expect(unsteered.root.neutralDelta).toBe(0)
  })

  test('the largest delta outside is that of the ids left out', async () => {
    const { root } = await open()
    const delta = deltas(root)
    const falling = [...delta.keys()].sort((a, b) => (delta[b] ?? 0) - (delta[a] ?? 0))
    expect(root.maxDeltaOutside(noIds)).toBe(delta[falling[0] ?? 0])
    expect(root.maxDeltaOutside(Int32Array.from(falling.slice(0, 10)))).toBe(delta[falling[10] ?? 0])
    expect(root.maxDeltaOutside(everyId)).toBe(Number.NEGATIVE_INFINITY)
    expect(deltas(root)).toEqual(delta)
  })
})

describe('the tree of a continuation', () => {
  test('a chain fed at once, in parts and token by token gives the same bits', async () => {
    const continuation = await open()
    const chain = tokens(60, 3)
    const whole = (await continuation.feed(continuation.root, chain)).map(deltas)
    let row = continuation.root
    for (const [depth, token] of chain.entries()) {
      const [next] = await continuation.feed(row, [token])
      if (!next) throw new Error('no row')
      row = next
      expect(deltas(row)).toEqual(whole[depth])
    }
    continuation.close()
  })

  test('branches are independent of each other, whichever was fed last', async () => {
    const continuation = await open()
    const trunk = await continuation.feed(continuation.root, tokens(10, 3))
    const fork = trunk[4] ?? continuation.root
    const left = await continuation.feed(fork, tokens(7, 4))
    const right = await continuation.feed(fork, tokens(9, 5))
    const leftAgain = await continuation.feed(left[2] ?? fork, tokens(7, 4).slice(3))
    expect(deltas(leftAgain.at(-1))).toEqual(deltas(left.at(-1)))
    const below = await continuation.feed(right[8] ?? fork, tokens(3, 6))
    const trunkOn = await continuation.feed(trunk[9] ?? fork, tokens(3, 6))
    const fresh = await open()
    const path = [...tokens(10, 3).slice(0, 5), ...tokens(9, 5), ...tokens(3, 6)]
    expect(deltas(below.at(-1))).toEqual(deltas((await fresh.feed(fresh.root, path)).at(-1)))
    const straight = [...tokens(10, 3), ...tokens(3, 6)]
    expect(deltas(trunkOn.at(-1))).toEqual(deltas((await fresh.feed(fresh.root, straight)).at(-1)))
    for (const one of [continuation, fresh]) one.close()
  })

  test('retaining keeps rows above and below and drops the others', async () => {
    const continuation = await open()
    const trunk = await continuation.feed(continuation.root, tokens(6, 3))
    const [above, kept, below] = trunk
    const side = await continuation.feed(above ?? continuation.root, tokens(2, 4))
    if (!kept || !below || !above) throw new Error('no rows')
    continuation.retain(kept)
    for (const row of [continuation.root, above, kept, below])
      expect(await continuation.feed(row, tokens(2, 5))).toHaveLength(2)
    await expect(continuation.feed(side[1] ?? kept, tokens(1, 5))).rejects.toThrow('the row was dropped')
    continuation.close()
  })

  test('feeds and retains apply in the order in which they were asked for', async () => {
    const continuation = await open()
    const [first] = await continuation.feed(continuation.root, tokens(1, 3))
    const [other] = await continuation.feed(continuation.root, tokens(1, 4))
    if (!first || !other) throw new Error('no rows')
    const early = continuation.feed(first, tokens(2, 5))
    continuation.retain(other)
    const late = continuation.feed(first, tokens(2, 5))
    expect(await early).toHaveLength(2)
    await expect(late).rejects.toThrow('the row was dropped')
    continuation.close()
  })

  test('rows above a retained one are not read any more, and no row is after the end', async () => {
    const continuation = await open()
    const [above, kept, below] = await continuation.feed(continuation.root, tokens(3, 3))
    const [next] = await continuation.feed(below ?? continuation.root, tokens(1, 4))
    if (!above || !kept || !next) throw new Error('no rows')
    const before = deltas(next)
    continuation.retain(next)
    expect(() => deltas(continuation.root)).toThrow('the row was dropped')
    expect(() => above.maxDeltaOutside(noIds)).toThrow('the row was dropped')
    expect(deltas(next)).toEqual(before)
    continuation.close()
    expect(() => deltas(next)).toThrow('the row was dropped')
  })

  test('rows that come after the end are given back at once', async () => {
    const continuation = await open()
    const late = continuation.feed(continuation.root, tokens(2, 3))
    continuation.close()
    await late.then(
      (rows) => {
        for (const row of rows) expect(() => deltas(row)).toThrow('the row was dropped')
      },
      (error: Error) => expect(error.message).toContain('closed'),
    )
  })

  test('a closed continuation feeds no more', async () => {
    const continuation = await open()
    continuation.close()
    await expect(continuation.feed(continuation.root, tokens(1, 3))).rejects.toThrow('closed')
  })
})

describe('reading', () => {
  test('tells which share of both prompts is read, until the pair is open', async () => {
    const shares: number[] = []
    const onRead = (share: number) => shares.push(share)
    const prompts = { with: tokens(390, 7), without: tokens(300, 8), strength: STRENGTH, signal }
    const continuation = await pair.open({ ...prompts, onRead })
    continuation.close()
    expect(shares.length).toBeGreaterThan(0)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.every((share) => share > 0 && share < 1)).toBe(true)
  })
})

describe('warm prefixes', () => {
  test('a prompt that came before starts warm and gives the same bits', async () => {
    const warm = await openLocalPair({ engine, graph, cacheBytes: 2 ** 24 })
    const cold = await open({ with: 150, without: 100 })
    const first = await open({ pair: warm, with: 150, without: 100 })
    expect(first.prefill).toEqual({ cachedTokens: 0, keptTokens: 0, computedTokens: 250 })
    const again = await open({ pair: warm, with: 150, without: 100 })
    expect(again.prefill).toEqual({ cachedTokens: 144 + 96, keptTokens: 0, computedTokens: 250 - 144 - 96 })
    expect(deltas(again.root)).toEqual(deltas(cold.root))
    const chain = tokens(30, 3)
    const expected = deltas((await cold.feed(cold.root, chain)).at(-1))
    expect(deltas((await again.feed(again.root, chain)).at(-1))).toEqual(expected)
    await warm.close()
  })

  test('prompts that are opened together share what they have in common', async () => {
    const warm = await openLocalPair({ engine, graph, cacheBytes: 2 ** 24 })
    const opened = await Promise.all([1, 2, 3].map(() => open({ pair: warm, with: 330, without: 40 })))
    const computed = opened.reduce((sum, { prefill }) => sum + prefill.computedTokens, 0)
    expect(computed).toBeLessThan(370 + 2 * 100)
    for (const { root } of opened) expect(deltas(root)).toEqual(deltas(opened[0]?.root))
    await warm.close()
  })

  test('the next turn of a conversation starts warm from the answer on', async () => {
    const warm = await openLocalPair({ engine, graph, cacheBytes: 2 ** 24 })
    const first = await open({ pair: warm, with: 64, without: 32 })
    const answer = tokens(64, 8)
    await first.feed(first.root, answer)
    first.close()
    const next = await warm.open({
      with: [...tokens(64, 1), ...answer, ...tokens(10, 4)],
      without: [...tokens(32, 2), ...answer, ...tokens(10, 4)],
      strength: STRENGTH,
      signal: new AbortController().signal,
    })
    expect(next.prefill).toEqual({ cachedTokens: 128 + 96, keptTokens: 0, computedTokens: 20 })
    await warm.close()
  })
})

describe('failures', () => {
  test('a prompt that does not fit the window is refused, and so is an answer beyond it', async () => {
    const tooLong = { code: 'context_length_exceeded' }
    await expect(open({ with: 400 })).rejects.toMatchObject(tooLong)
    const continuation = await open({ with: 390 })
    expect(await continuation.feed(continuation.root, tokens(10, 3))).toHaveLength(10)
    await expect(continuation.feed(continuation.root, tokens(11, 3))).rejects.toMatchObject(tooLong)
    continuation.close()
  })

  test('an abort ends the wait at once with its reason, and the pair goes on', async () => {
    const controller = new AbortController()
    const reason = new Error('nobody waits')
    const opening = open({ with: 390, without: 390, signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await expect(opening).rejects.toBe(reason)
    await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect((await open()).root.publicGuesses).toHaveLength(8)
  })

  test('a dead worker fails what is asked of it, and the next prompt starts another', async () => {
    const own = startEngine({ threads: 1 })
    const mortal = await openLocalPair({ engine: own, graph })
    const before = await open({ pair: mortal })
    const feeding = before.feed(before.root, tokens(300, 3))
    await (await own.use(1)).link.terminate()
    await expect(feeding).rejects.toMatchObject({ code: 'local_model_failed' })
    await expect(before.feed(before.root, tokens(1, 3))).rejects.toMatchObject({ code: 'local_model_failed' })
    const after = await open({ pair: mortal })
    expect(deltas(after.root)).toEqual(deltas(before.root))
    await own.close()
  })

  test('beyond the budget for open continuations, a prompt waits until another is closed or fails', async () => {
    const narrow = await openLocalPair({ engine, graph, openBytes: 1 })
    const reason = new Error('nobody waits')
    const first = await open({ pair: narrow })
    const events: string[] = []
    const leaving = new AbortController()
    const second = open({ pair: narrow, signal: leaving.signal }).catch(() => events.push('left'))
    const third = open({ pair: narrow }).then(() => events.push('opened'))
    await first.feed(first.root, tokens(2, 3))
    expect(events).toEqual([])
    leaving.abort(reason)
    await second
    first.close()
    await third
    expect(events).toEqual(['left', 'opened'])
  })

  test('a missing graph file is a failure of the local model', async () => {
    const graphPaths = { ...graph.graphPaths, pair: '/nowhere/pair.onnx' }
    const missing = { ...graph, graphPaths }
    const opening = openLocalPair({ engine, graph: missing })
    await expect(opening).rejects.toMatchObject({ code: 'local_model_failed' })
  })
})
