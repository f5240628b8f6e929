import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { isTree, type PairStep, stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { type DecoderRun, DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { PAIRS_TOGETHER } from '../../../src/slm/graph/decoder-graph.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const cases = Object.entries(tinyShapes).flatMap(([name, shape]) =>
  ([8, 4] as const).map((bits) => ({ name, shape, bits })),
)

/** What one caller has read, and asks next: a chain where its tokens follow one another, else a tree. */
interface Caller {
  readonly prompts: readonly [number, number]
  readonly tokens: number
  readonly isTree: boolean
  readonly strength: number
}

const callers = fc.array(
  fc.record({
    prompts: fc.tuple(fc.integer({ min: 1, max: 140 }), fc.integer({ min: 1, max: 140 })),
    tokens: fc.integer({ min: 1, max: 9 }),
    isTree: fc.boolean(),
    strength: fc.constantFrom(0, 0.6, 2),
  }),
  { minLength: 2, maxLength: PAIRS_TOGETHER },
)

function digest(values: Float32Array | BigInt64Array): string {
  return createHash('sha256').update(values).digest('hex')
}

describe.each(cases)('steps that share a pass: $name with $bits bits', ({ shape, bits }) => {
  let pair: DecoderSession
  let pairs: DecoderSession
  let remove: () => Promise<void>

  beforeAll(async () => {
    const prepared = await prepareTiny(shape, bits)
    remove = prepared.remove
    pair = await DecoderSession.create(prepared.graph, { kind: 'pair', threads: 2 })
    pairs = await DecoderSession.create(prepared.graph, { kind: 'pairs', threads: 2 })
  })
  afterAll(async () => {
    await pair.release()
    await pairs.release()
    await remove()
  })

  /** A caller whose prompts are read, with what it asks next. */
  async function ready({ prompts, tokens, isTree, strength }: Caller, seed: number): Promise<PairStep> {
    const caches = prompts.map(() => new KeyValueCache(shape))
    while (caches.some(({ length }, stream) => length < (prompts[stream] ?? 0))) {
      const streams = caches.map((cache, stream) => {
        const count = stepTokens(cache.length, (prompts[stream] ?? 0) - cache.length)
        return { cache, tokens: someTokens(cache.length + count, seed + stream).subarray(cache.length) }
      })
      await pair.run({ streams })
    }
    // A chain may not cross a window
    const room = Math.min(...caches.map(({ length }) => stepTokens(length, tokens)))
    const next = someTokens(room, seed + 2)
    const wanted = { strength, publicLogits: true }
    if (!isTree)
      return {
        streams: caches.map((cache) => ({ cache, tokens: next })),
        headRows: [...next.keys()],
        ...wanted,
      }
    const parents = Int32Array.from(next, (_, index) => Math.floor((index - 1) / 2))
    parents[0] = -1
    return {
      streams: caches.map((cache) => ({ cache, shared: cache.length })),
      parents,
      tokens: next,
      ...wanted,
    }
  }

  /** Everything that a step gives: its outputs, its new rows, and what its caches hold afterwards. */
  function told({ outputs, newRows, starts }: DecoderRun, step: PairStep) {
    const count = isTree(step) ? step.tokens.length : (step.streams[0]?.tokens.length ?? 0)
    const rowFloats = shape.kvHeads * shape.headDim
    const rows = starts.flatMap((start) =>
      Array.from({ length: shape.layers * 2 }, (_, plane) => {
        const from = (plane * newRows.count + start) * rowFloats
        return newRows.values.slice(from, from + count * rowFloats)
      }),
    )
    const cached = step.streams.map(({ cache }) => cache.copy(0, cache.length).values)
    const { gain, ...exact } = outputs
    const values = Object.entries(exact).map(([name, { data, dims }]) => {
      return [name, dims, digest(data as Float32Array)]
    })
    // A logarithm's last bit depends on where in a vector it is computed
    const gains = Array.from(gain?.data as Float32Array, Number)
    return { gains, values, rows: rows.map(digest), cached: cached.map(digest) }
  }

  test('give the bits of each by itself', async () => {
    await fc.assert(
      fc.asyncProperty(callers, fc.nat(1000), async (asking, seed) => {
        const ask = () => Promise.all(asking.map((caller, at) => ready(caller, seed + 10 * at)))
        const [shared, alone] = [await ask(), await ask()]
        const together = await pairs.runTogether(shared)
        for (const [at, step] of alone.entries()) {
          const [own] = await pair.runTogether([step])
          const expected = told(own as DecoderRun, step)
          const { gains, ...exact } = told(together[at] as DecoderRun, shared[at] as PairStep)
          expect(exact).toEqual({ values: expected.values, rows: expected.rows, cached: expected.cached })
          expect(gains).toHaveLength(expected.gains.length)
          for (const [row, nats] of gains.entries()) expect(nats).toBeCloseTo(expected.gains[row] ?? 0, 4)
        }
      }),
      { numRuns: 12 },
    )
  })
})
