import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import type { WeightPrecision } from '../../../src/slm/graph/weight-store.ts'
import { steppedLogits } from '../decoder/stepped-logits.ts'
import { prepareTiny, someTokens, tinyShapes, tinyWeights } from '../tiny-model.ts'
import { referenceLogits } from './reference-decoder.ts'

const LENGTH = 150
const VOCABULARY = 301

function largestDifference(left: readonly ArrayLike<number>[], right: readonly ArrayLike<number>[]): number {
  let largest = 0
  for (const [at, row] of left.entries())
    for (let id = 0; id < VOCABULARY; id++)
      largest = Math.max(largest, Math.abs((row[id] ?? Number.NaN) - (right[at]?.[id] ?? Number.NaN)))
  return largest
}

/** Root mean square of what differs, as a share of that of what is expected. */
function relativeError(rows: readonly ArrayLike<number>[], expected: readonly (readonly number[])[]): number {
  const squares = rows.flatMap((row, at) =>
    Array.from(row, (logit, id) => (logit - (expected[at]?.[id] ?? 0)) ** 2),
  )
  const signal = expected.flat().reduce((sum, logit) => sum + logit ** 2, 0)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / signal)
}

describe.each(Object.entries(tinyShapes))('a decoder: %s', (_, shape) => {
  const tokens = someTokens(LENGTH)
  const expected = referenceLogits(tinyWeights(shape), tokens)
  const removals: (() => Promise<void>)[] = []
  const sessions = {} as Record<WeightPrecision, DecoderSession>
  const quantised = [8, 4] as const

  beforeAll(async () => {
    for (const precision of ['float32', ...quantised] as const) {
      const { graph, remove } = await prepareTiny(shape, precision)
      sessions[precision] = await DecoderSession.create(graph, { kind: 'logits', threads: 2 })
      removals.push(remove)
    }
  })
  afterAll(async () => {
    for (const session of Object.values(sessions)) await session.release()
    for (const remove of removals) await remove()
  })

  test('with float weights it computes what the reference does', async () => {
    const rows = await steppedLogits(sessions.float32, tokens)
    expect(largestDifference(rows, expected)).toBeLessThan(1e-3)
  })

  test.each([
    [8, 0.05],
    [4, 0.5],
  ] as const)('with %i bits it stays near', async (bits, most) => {
    const rows = await steppedLogits(sessions[bits], tokens)
    expect(relativeError(rows, expected)).toBeLessThan(most)
  })

  test.each(quantised)('with %i bits every chunking gives the same bits', async (bits) => {
    const whole = await steppedLogits(sessions[bits], tokens)
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(sizes, async (chunks) => {
        expect(largestDifference(await steppedLogits(sessions[bits], tokens, chunks), whole)).toBe(0)
      }),
      { numRuns: 8, examples: [[[1]]] },
    )
  })

  test('weights on grids of 4 bits are met as 8 bits meet any, with the same bits for every chunking', async () => {
    const weights = tinyWeights(shape, { onGrids: true })
    const { graph, remove } = await prepareTiny(shape, 8, weights)
    const session = await DecoderSession.create(graph, { kind: 'logits', threads: 2 })
    const whole = await steppedLogits(session, tokens)
    expect(relativeError(whole, referenceLogits(weights, tokens))).toBeLessThan(0.05)
    for (const chunks of [[1], [2, 1, 40], [7]])
      expect(largestDifference(await steppedLogits(session, tokens, chunks), whole)).toBe(0)
    await session.release()
    await remove()
  })

  test('a step that crosses a window is refused', async () => {
    const cache = new KeyValueCache(shape)
    const run = sessions[8].run({ streams: [{ cache, tokens: someTokens(65) }] })
    await expect(run).rejects.toThrow(RangeError)
  })
})
