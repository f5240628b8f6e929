import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import type { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'

/** Logits after each token, fed in steps of the given sizes, over and over. */
export async function steppedLogits(
  session: DecoderSession,
  tokens: Int32Array,
  sizes: readonly number[] = [64],
): Promise<Float32Array[]> {
  const cache = new KeyValueCache(session.shape, 16)
  const rows: Float32Array[] = []
  for (let turn = 0; cache.length < tokens.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const count = stepTokens(cache.length, Math.min(size, tokens.length - cache.length))
    const { logits } = await session.run({
      streams: [{ cache, tokens: tokens.subarray(cache.length, cache.length + count) }],
      headRows: Array.from({ length: count }, (_, row) => row),
    })
    const data = logits?.data as Float32Array
    const width = data.length / count
    for (let row = 0; row < count; row++) rows.push(data.slice(row * width, (row + 1) * width))
  }
  return rows
}
