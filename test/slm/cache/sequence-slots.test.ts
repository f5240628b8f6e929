import { expect, test } from 'vitest'
import type { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { PrefixCache } from '../../../src/slm/cache/prefix-cache.ts'
import { SequenceSlots } from '../../../src/slm/cache/sequence-slots.ts'
import { someTokens, tinyShapes } from '../tiny-model.ts'

const shape = tinyShapes['llama, as many keys as queries']
const planes = shape.layers * 2
const width = shape.kvHeads * shape.headDim

/** Appends rows that hold their token's number, as if it had been computed. */
function compute(cache: KeyValueCache, tokens: Int32Array): void {
  const values = Float32Array.from(
    { length: planes * tokens.length * width },
    (_, index) => tokens[Math.floor(index / width) % tokens.length] ?? 0,
  )
  cache.append({ values, count: tokens.length }, 0, tokens.length)
}

/** The tokens whose rows a cache holds, by its last plane. */
function held(cache: KeyValueCache): number[] {
  return Array.from({ length: cache.length }, (_, row) => cache.rows(planes - 1, row)[0] ?? Number.NaN)
}

function fill(slots: SequenceSlots, tokens: Int32Array): void {
  const slot = slots.take(tokens, tokens.length - 1)
  compute(slot.cache, tokens.subarray(slot.cache.length))
  slots.keep(slot)
  slots.give(slot)
}

test('the slot that shares most is lent, cut to what is shared and below the limit', () => {
  const slots = new SequenceSlots(shape, new PrefixCache(0), 0)
  const tokens = someTokens(50)
  fill(slots, tokens)
  fill(slots, someTokens(50, 3))
  const branch = Int32Array.of(...tokens.subarray(0, 40), 1, 2, 3)
  const { cache } = slots.take(branch, 42)
  expect(held(cache)).toEqual([...tokens.subarray(0, 40)])
  fill(slots, someTokens(50, 3))
  expect(slots.take(someTokens(50, 3), 20).cache.length).toBe(20)
})

test('a lent slot is nobody else’s', () => {
  const slots = new SequenceSlots(shape, new PrefixCache(0), 2 ** 26)
  const tokens = someTokens(50)
  fill(slots, tokens)
  const first = slots.take(tokens, 49)
  const second = slots.take(tokens, 49)
  expect([first.cache.length, second.cache.length]).toEqual([49, 0])
})

test('a sequence that only begins alike leaves the slot of another alone', () => {
  const slots = new SequenceSlots(shape, new PrefixCache(0), 2 ** 26)
  const tokens = someTokens(90)
  fill(slots, tokens)
  fill(slots, Int32Array.of(...tokens.subarray(0, 80), ...someTokens(9, 3)))
  expect(held(slots.take(tokens, 89).cache)).toEqual([...tokens.subarray(0, 89)])
})

test('the sequences that were used last stay, as many as fit', () => {
  const tokenBytes = planes * width * 4
  const slots = new SequenceSlots(shape, new PrefixCache(0), 250 * tokenBytes)
  const sequences = [1, 2, 3, 4, 5, 6].map((seed) => someTokens(40, seed))
  for (const tokens of sequences) fill(slots, tokens)
  fill(slots, someTokens(40, 7))
  expect(slots.bytes).toBe(240 * tokenBytes)
  expect(sequences.map((tokens) => slots.take(tokens, 39).cache.length)).toEqual([0, 39, 39, 39, 39, 39])
})

test('sequences that have left their slots come back from the prefix cache, block by block', () => {
  const slots = new SequenceSlots(shape, new PrefixCache(2 ** 24), 0)
  const tokens = someTokens(70)
  fill(slots, tokens)
  for (let seed = 1; seed <= 4; seed++) fill(slots, someTokens(40, seed))
  const { cache } = slots.take(tokens, 69)
  expect(held(cache)).toEqual([...tokens.subarray(0, 64)])
})

test('what another query computes meanwhile is skipped', () => {
  const slots = new SequenceSlots(shape, new PrefixCache(2 ** 24), 2 ** 26)
  const tokens = someTokens(100)
  const slow = slots.take(tokens, 99)
  fill(slots, tokens)
  slots.advance(slow, 99)
  expect(held(slow.cache)).toEqual([...tokens.subarray(0, 96)])
})
