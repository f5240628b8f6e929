import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

/** Beyond a thousand tokens, where kernels begin to cut the sums over the values. */
const TOKENS = 1300

/** The model's few key heads leave the kernels threads to share the columns of one head out among. */
const threads = [1, 3, 16] as const

/** What the model says at the end, and all that it has cached, of tokens fed `step` by `step`. */
async function computed(graph: BuiltGraph, options: { threads: number; step: number }): Promise<string> {
  const session = await DecoderSession.create(graph, { kind: 'logits', threads: options.threads })
  const cache = new KeyValueCache(graph.shape)
  const tokens = someTokens(TOKENS, 3)
  const hash = createHash('sha256')
  while (cache.length < TOKENS) {
    const wanted = Math.min(options.step, TOKENS - cache.length)
    const count = stepTokens(cache.length, wanted)
    const fed = tokens.subarray(cache.length, cache.length + count)
    const { logits } = await session.run({ streams: [{ cache, tokens: fed }] })
    if (cache.length === TOKENS) hash.update(logits?.data as Float32Array)
  }
  await session.release()
  return hash.update(cache.copy(0, TOKENS).values).digest('hex')
}

test.each(Object.entries(tinyShapes))(
  'rows are the same bits whatever the threads, and however many are fed at once: %s',
  async (_, shape) => {
    const { graph, remove } = await prepareTiny({ ...shape, contextTokens: TOKENS }, 8)
    const results = await Promise.all(
      threads.flatMap((count) => [1, 64].map((step) => computed(graph, { threads: count, step }))),
    )
    expect(new Set(results).size).toBe(1)
    await remove()
  },
  120_000,
)
