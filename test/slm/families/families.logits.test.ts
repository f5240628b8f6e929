import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { steppedLogits } from '../decoder/stepped-logits.ts'
import { logitsWith, type PreparedFamily, prepareFamily } from './prepared-family.ts'
import { familyTokens, meanDifference, readRecording } from './recorded-logits.ts'
import { tinyFamilies } from './tiny-families.ts'

/** How far log-probabilities may be from llama.cpp's: small random weights lose more than trained ones. */
const differences = [
  [8, 0.15],
  [4, 0.8],
] as const

const cases = Object.entries(tinyFamilies).flatMap(([name, family]) =>
  differences.map(([bits, difference]) => ({ name, family, bits, difference })),
)

describe.each(cases)('$name with $bits bits', ({ name, family, bits, difference }) => {
  let prepared: PreparedFamily
  let session: DecoderSession

  beforeAll(async () => {
    prepared = await prepareFamily(family)
    session = await DecoderSession.create(await prepared.prepare(bits), { kind: 'logits', threads: 2 })
  })
  afterAll(async () => {
    await session.release()
    await prepared.remove()
  })

  test('float weights give the log-probabilities of llama.cpp', async () => {
    const logits = await logitsWith(prepared, { precision: 'float32', tokens: familyTokens })
    expect(meanDifference(logits, await readRecording(name))).toBeLessThan(0.02)
  })

  test('quantised weights stay near them', async () => {
    const logits = await steppedLogits(session, familyTokens)
    expect(meanDifference(logits, await readRecording(name))).toBeLessThan(difference)
  })

  test('every chunking gives the same bits', async () => {
    const whole = await steppedLogits(session, familyTokens)
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(sizes, async (chunks) => {
        expect(await steppedLogits(session, familyTokens, chunks)).toEqual(whole)
      }),
      { numRuns: 3, examples: [[[1]]] },
    )
  })

  test('a cache that was rolled back gives the bits of one that never went further', async () => {
    const whole = await steppedLogits(session, familyTokens)
    const cache = new KeyValueCache(session.shape)
    const feed = async (tokens: Int32Array) => {
      const { logits } = await session.run({ streams: [{ cache, tokens }] })
      return logits?.data as Float32Array
    }
    for (let at = 0; at < 192; at += 64) await feed(familyTokens.subarray(at, at + 64))
    for (const length of [150, 100, 90, 30]) {
      cache.truncate(length)
      expect(await feed(familyTokens.subarray(length, length + 1))).toEqual(whole[length])
    }
  })
})
