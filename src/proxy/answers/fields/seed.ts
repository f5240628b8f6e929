import { z } from '@hono/zod-openapi'

const SEED_BITS = 64
const DRAW_BITS = 52

/** 2^64 divided by the golden ratio: its multiples lie as far apart as they can. */
const SPREAD = 0x9e3779b97f4a7c15n

/** A signed 64-bit integer; a bigint where a number cannot hold it. Everywhere it may be null besides. */
export const seedSchema = z
  .custom<number | bigint>(isSeed, 'expected a signed 64-bit integer')
  .openapi({ type: ['integer', 'null'], format: 'int64' })

function isSeed(value: unknown): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(SEED_BITS, value) === value
  return Number.isSafeInteger(value)
}

/**
 * A seed for the draws of an answer, which are made with integers that a number holds.
 * Smaller seeds are themselves; larger ones are spread over 52 bits, so that two of them
 * differ whether they differ in their first bits or in their last.
 */
export function drawSeed(seed: number | bigint): number {
  if (BigInt.asIntN(DRAW_BITS + 1, BigInt(seed)) === BigInt(seed)) return Number(seed)
  return Number(BigInt.asUintN(SEED_BITS, BigInt(seed) * SPREAD) >> BigInt(SEED_BITS - DRAW_BITS))
}
