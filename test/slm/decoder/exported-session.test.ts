import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { readExportedGraph } from '../../../src/slm/graph/exported-graph.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import { openTokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import type { LocalRow } from '../../../src/steer/local-pair.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { exportTiny } from '../exported-model.ts'
import { referenceLogits } from '../graph/reference-decoder.ts'
import { someTokens, tinyShapes, tinyWeights } from '../tiny-model.ts'

const shape = tinyShapes['qwen2, 2 queries a key, own head']
const everyId = Int32Array.from({ length: shape.vocabularySize }, (_, id) => id)
const { signal } = new AbortController()

function largest(left: ArrayLike<number>, right: ArrayLike<number>): number {
  return Array.from(left).reduce(
    (most, value, at) => Math.max(most, Math.abs(value - (right[at] ?? Number.NaN))),
    0,
  )
}

describe('a model in the onnx-community layout', () => {
  const weights = tinyWeights(shape)
  let engine: Engine
  let exported: Awaited<ReturnType<typeof exportTiny>>

  beforeAll(async () => {
    engine = startEngine({ threads: 2 })
    exported = await exportTiny(shape)
  })
  afterAll(async () => {
    await engine.close()
    await exported.remove()
  })

  test('is a pair of streams, with branches and warm prompts', async () => {
    const graph = await readExportedGraph(exported.folder)
    const pair = await openLocalPair({ engine, graph })
    const logitsAfter = (prompt: Int32Array, emitted: readonly number[]) =>
      referenceLogits(weights, Int32Array.of(...prompt, ...emitted)).at(-1) ?? []
    const expected = (emitted: readonly number[]): number[] => {
      const without = logitsAfter(someTokens(20, 2), emitted)
      return logitsAfter(someTokens(90, 1), emitted).map((logit, id) => logit - (without[id] ?? 0))
    }
    /** At strength 1 the difference of the normalisers. */
    const neutral = (emitted: readonly number[]): number => {
      const logSum = (logits: readonly number[]) =>
        Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
      return logSum(logitsAfter(someTokens(90, 1), emitted)) - logSum(logitsAfter(someTokens(20, 2), emitted))
    }
    const check = (row: LocalRow | undefined, emitted: readonly number[]) => {
      const deltas = new Float64Array(shape.vocabularySize)
      row?.deltasInto(everyId, deltas)
      expect(largest(deltas, expected(emitted))).toBeLessThan(1e-3)
      expect(row?.neutralDelta).toBeCloseTo(neutral(emitted), 3)
    }
    const open = () =>
      pair.open({
        with: tokenIds(someTokens(90, 1)),
        without: tokenIds(someTokens(20, 2)),
        strength: 1,
        signal,
      })
    const continuation = await open()
    check(continuation.root, [])
    const trunk = await continuation.feed(continuation.root, tokenIds([5, 6, 7]))
    check(trunk[1], [5, 6])
    const branch = await continuation.feed(trunk[0] ?? continuation.root, tokenIds([8, 9]))
    check(branch[1], [5, 8, 9])
    check((await continuation.feed(trunk[2] ?? continuation.root, tokenIds([3])))[0], [5, 6, 7, 3])
    continuation.close()
    const warm = await open()
    expect(warm.prefill.cachedTokens).toBe(80 + 16)
    check(warm.root, [])
    await pair.close()
  })

  test('scores positions of one sequence', async () => {
    const graph = await readExportedGraph(exported.folder)
    const scorer = await openTokenScorer({ engine, graph, endTokens: [] })
    const tokens = someTokens(100)
    const logits = referenceLogits(weights, tokens)
    const lengths = [3, 70, 69, 100]
    const prefixes = lengths.map((length) => tokenIds(tokens.subarray(0, length)))
    const found = await scorer.distributions({ prefixes, candidates: 5, signal })
    for (const [at, length] of lengths.entries()) {
      const row = logits[length - 1] ?? []
      const best = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0)).slice(0, 5)
      expect([...(found[at]?.ids ?? [])]).toEqual(best)
    }
    await scorer.close()
  })
})
