import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawSeed, seedSchema } from '../../../../src/proxy/answers/fields/seed.ts'

const GREATEST = 2n ** 63n - 1n
const seed64 = fc.bigInt({ min: -(2n ** 63n), max: GREATEST })

describe('a seed', () => {
  test('is any signed 64-bit integer, and nothing else', () => {
    fc.assert(fc.property(seed64, (seed) => seedSchema.safeParse(seed).success))
    const refused = [GREATEST + 1n, -(2n ** 63n) - 1n, 1.5, 2 ** 53, Number.NaN, '5', true]
    for (const value of refused) expect(seedSchema.safeParse(value).success).toBe(false)
  })

  test('of up to 53 bits draws by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), (seed) => {
        expect([drawSeed(seed), drawSeed(BigInt(seed))]).toEqual([seed, seed])
      }),
    )
    expect([drawSeed(2 ** 52 - 1), drawSeed(-(2 ** 52))]).toEqual([2 ** 52 - 1, -(2 ** 52)])
  })

  test('draws with an integer that leaves room for the next choices', () => {
    fc.assert(
      fc.property(seed64, (seed) => {
        const drawn = drawSeed(seed)
        expect(Number.isSafeInteger(drawn + 64)).toBe(true)
        expect(drawSeed(seed)).toBe(drawn)
      }),
    )
  })

  test('draws otherwise than one that differs in its last bits, or in its first', () => {
    const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 62n })
    const near = fc.bigInt({ min: 1n, max: 2n ** 40n })
    fc.assert(
      fc.property(large, near, (seed, step) => {
        expect(drawSeed(seed + step)).not.toBe(drawSeed(seed))
        expect(drawSeed(-seed)).not.toBe(drawSeed(seed))
      }),
    )
    const bits = Array.from({ length: 63 }, (_, bit) => drawSeed(GREATEST ^ (1n << BigInt(bit))))
    expect(new Set(bits).size).toBe(63)
  })
})
