import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { BlockFolder } from '../../../src/slm/cache/block-folder.ts'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { BLOCK_TOKENS, PrefixCache } from '../../../src/slm/cache/prefix-cache.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { someTokens, tinyShapes } from '../tiny-model.ts'

const shape = tinyShapes['llama, as many keys as queries']
const floats = shape.layers * 2 * shape.kvHeads * shape.headDim
/** Tokens of two blocks, and one that is left to compute. */
const TWO = 2 * BLOCK_TOKENS + 1
const blockBytes = floats * BLOCK_TOKENS * 4

function computed(tokens: Int32Array): KeyValueCache {
  const cache = new KeyValueCache(shape, 1)
  const values = Float32Array.from(
    { length: floats * tokens.length },
    (_, index) => tokens[index % tokens.length] ?? 0,
  )
  cache.append({ values, count: tokens.length }, 0, tokens.length)
  return cache
}

function restored(prefixes: PrefixCache, tokens: Int32Array) {
  const cache = new KeyValueCache(shape)
  prefixes.restore(tokens, cache)
  return cache
}

test('what is restored equals what was stored, and stops where the tokens differ', () => {
  const length = fc.integer({ min: 1, max: 150 })
  fc.assert(
    fc.property(length, length, (stored, shared) => {
      const tokens = someTokens(stored)
      const other = Int32Array.of(...tokens.subarray(0, shared), 300, 300)
      const prefixes = new PrefixCache(2 ** 26)
      const source = computed(tokens)
      prefixes.store(tokens, source)
      const cache = restored(prefixes, other)
      const common = Math.min(stored, shared)
      expect(cache.length).toBe(common - (common % BLOCK_TOKENS))
      expect(cache.copy(0, cache.length)).toEqual(source.copy(0, cache.length))
    }),
    { numRuns: 40 },
  )
})

test('the last token of a prompt is always left to compute', () => {
  const prefixes = new PrefixCache(2 ** 26)
  const tokens = someTokens(2 * BLOCK_TOKENS)
  prefixes.store(tokens, computed(tokens))
  expect(restored(prefixes, tokens).length).toBe(BLOCK_TOKENS)
})

test('within its budget it keeps what was used last, and never the end without the start', () => {
  const prefixes = new PrefixCache(4 * blockBytes)
  const [old, recent, fresh] = [someTokens(TWO, 1), someTokens(TWO, 2), someTokens(TWO, 3)]
  prefixes.store(old, computed(old))
  prefixes.store(recent, computed(recent))
  restored(prefixes, old)
  prefixes.store(fresh, computed(fresh))
  expect([old, recent, fresh].map((tokens) => restored(prefixes, tokens).length)).toEqual([
    TWO - 1,
    0,
    TWO - 1,
  ])
  const one = someTokens(BLOCK_TOKENS + 1, 4)
  prefixes.store(one, computed(one))
  expect(restored(prefixes, one).length).toBe(BLOCK_TOKENS)
  expect([old, fresh].map((tokens) => restored(prefixes, tokens).length)).toContain(BLOCK_TOKENS)
})

test('without a budget nothing is kept', () => {
  const prefixes = new PrefixCache(0)
  const tokens = someTokens(100)
  prefixes.store(tokens, computed(tokens))
  expect(restored(prefixes, tokens).length).toBe(0)
})

describe('a family, over the same weights', () => {
  function family(...budgets: readonly number[]) {
    const members = new Set<PrefixCache>()
    return budgets.map((bytes) => new PrefixCache(bytes, members)) as [PrefixCache, PrefixCache]
  }

  test('what one holds another finds, and does not keep twice', () => {
    const [one, other] = family(2 ** 26, 2 ** 26)
    const tokens = someTokens(65)
    one.store(tokens, computed(tokens))
    expect(restored(other, tokens).copy(0, 64)).toEqual(computed(tokens).copy(0, 64))
    expect(other.known(tokens, 64)).toBe(64)
    other.store(tokens, computed(tokens))
    expect(other.bytes).toBe(0)
  })

  test('what one uses stays young where it is', () => {
    const [one, other] = family(4 * blockBytes, 2 ** 26)
    const [old, recent, fresh] = [someTokens(TWO, 1), someTokens(TWO, 2), someTokens(TWO, 3)]
    one.store(old, computed(old))
    one.store(recent, computed(recent))
    restored(other, old)
    one.store(fresh, computed(fresh))
    const found = [old, recent, fresh].map((tokens) => restored(other, tokens).length)
    expect(found).toEqual([TWO - 1, 0, TWO - 1])
  })

  test('one that keeps nothing finds nothing', () => {
    const [one, none] = family(2 ** 26, 0)
    const tokens = someTokens(65)
    one.store(tokens, computed(tokens))
    expect(restored(none, tokens).length).toBe(0)
  })
})

describe('with a folder', () => {
  let root: string
  beforeEach(() => {
    root = join(temporaryFolder(), 'read')
  })

  function opened(maxBytes = 2 ** 26) {
    const folder = new BlockFolder({ root, key: '0123456789abcdef', blockBytes })
    return { folder, prefixes: new PrefixCache(maxBytes, new Set(), folder) }
  }
  async function keep(...prompts: readonly Int32Array[]) {
    const { folder, prefixes } = opened()
    for (const tokens of prompts) prefixes.store(tokens, computed(tokens))
    prefixes.keep('ada', prompts)
    await folder.settled()
  }

  test('what was kept is found by the next process, up to where the tokens differ', async () => {
    const tokens = someTokens(100)
    await keep(tokens, someTokens(50, 2))
    const { prefixes } = opened()
    const other = Int32Array.of(...tokens.subarray(0, 70), 300, 300)
    expect(prefixes.fetch(other, new KeyValueCache(shape))).toBe(64)
    expect(restored(prefixes, other).copy(0, 64)).toEqual(computed(tokens).copy(0, 64))
    expect(prefixes.bytes).toBe(4 * blockBytes)
    expect(prefixes.fetch(other, restored(prefixes, other))).toBe(0)
  })

  test('what was stored and not kept is not on disk', async () => {
    const { folder, prefixes } = opened()
    const tokens = someTokens(100)
    prefixes.store(tokens, computed(tokens))
    prefixes.keep('ada', [someTokens(100, 2)])
    await folder.settled()
    expect(opened().prefixes.fetch(tokens, new KeyValueCache(shape))).toBe(0)
  })

  test('what memory has no room for is not taken as found', async () => {
    const tokens = someTokens(100)
    await keep(tokens)
    const { prefixes } = opened(blockBytes)
    prefixes.fetch(tokens, new KeyValueCache(shape))
    expect(prefixes.bytes).toBe(blockBytes)
    expect(restored(prefixes, tokens).length).toBe(0)
  })

  test('a cache that keeps nothing reads nothing', async () => {
    const tokens = someTokens(100)
    await keep(tokens)
    expect(opened(0).prefixes.fetch(tokens, new KeyValueCache(shape))).toBe(0)
  })
})
