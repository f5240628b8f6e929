import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { prepareTiny, someTokens, tinyShapes } from '../tiny-model.ts'

const cases = Object.entries(tinyShapes).flatMap(([name, shape]) =>
  ([8, 4] as const).map((bits) => ({ name, shape, bits })),
)

describe.each(cases)('$name with $bits bits', ({ shape, bits }) => {
  let pair: DecoderSession
  let single: DecoderSession
  let remove: () => Promise<void>

  beforeAll(async () => {
    const prepared = await prepareTiny(shape, bits)
    remove = prepared.remove
    pair = await DecoderSession.create(prepared.graph, { kind: 'pair', threads: 2 })
    single = await DecoderSession.create(prepared.graph, { kind: 'logits', threads: 2 })
  })
  afterAll(async () => {
    await pair.release()
    await single.release()
    await remove()
  })

  /** Logits after each token of a stream that runs alone, one token at a time. */
  async function alone(tokens: Int32Array): Promise<Float32Array[]> {
    const cache = new KeyValueCache(shape)
    const rows: Float32Array[] = []
    for (const token of tokens) {
      const { logits } = await single.run({ streams: [{ cache, tokens: Int32Array.of(token) }] })
      rows.push(Float32Array.from(logits?.data as Float32Array))
    }
    return rows
  }

  test.each([1, 7])('a pair fed %i tokens at a time has the bits of both streams alone', async (size) => {
    const sequences = [someTokens(70, 1), someTokens(70, 2)] as const
    const [withProfile, without] = [await alone(sequences[0]), await alone(sequences[1])]
    const caches = sequences.map(() => new KeyValueCache(shape))
    const [first] = caches as [KeyValueCache]
    for (let at = 0; at < 70; at = first.length) {
      const count = stepTokens(at, Math.min(size, 70 - at))
      const streams = caches.map((cache, stream) => ({
        cache,
        tokens: (sequences[stream] as Int32Array).subarray(at, at + count),
      }))
      const { delta } = await pair.run({ streams })
      const [left, right] = [withProfile[at + count - 1], without[at + count - 1]]
      expect(delta?.data).toEqual(left?.map((logit, id) => logit - (right?.[id] ?? Number.NaN)))
    }
  })
})
