import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'
import { steppedLogits } from './stepped-logits.ts'

/** Beyond a thousand tokens, where kernels begin to cut the sums over the values. */
const TOKENS = 1300

/** The model's few key heads leave the kernels threads to share the columns of one head out among. */
const threads = [1, 3, 16] as const

/** Of a few tokens at a time columns are shared out among threads, of many their rows, of one nothing. */
const steps = [1, 7, 64] as const

/** A digest of what the model says after each of the tokens, fed `step` by `step`. */
async function told(graph: BuiltGraph, options: { threads: number; step: number }): Promise<string> {
  const session = await DecoderSession.create(graph, { kind: 'logits', threads: options.threads })
  const hash = createHash('sha256')
  for (const row of await steppedLogits(session, someTokens(TOKENS, 3), [options.step])) hash.update(row)
  await session.release()
  return hash.digest('hex')
}

test.each(Object.entries(tinyShapes))(
  'rows are the same bits whatever the threads, and however many are fed at once: %s',
  async (_, shape) => {
    const { graph, remove } = await prepareTiny({ ...shape, contextTokens: TOKENS }, 8)
    const results = await Promise.all(
      threads.flatMap((count) => steps.map((step) => told(graph, { threads: count, step }))),
    )
    expect(new Set(results).size).toBe(1)
    await remove()
  },
  120_000,
)
