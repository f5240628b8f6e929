import { describe, expect, test } from 'vitest'
import { KeyValueCache, releaseRows } from '../../../src/slm/cache/key-value-cache.ts'

const shape = { layers: 2, kvHeads: 1, headDim: 4, contextTokens: 64 }
const PLANES = 4
const WIDTH = 4

/** Rows whose every number says which plane and token it belongs to. */
function rows(first: number, count: number) {
  return {
    values: Float32Array.from(
      { length: PLANES * count * WIDTH },
      (_, at) => Math.floor(at / (count * WIDTH)) * 1000 + first + (Math.floor(at / WIDTH) % count),
    ),
    count,
  }
}

describe('the K/V cache of a stream', () => {
  test('keeps its rows when it outgrows its first capacity', () => {
    const cache = new KeyValueCache(shape, 4)
    cache.append(rows(0, 3), 0, 3)
    cache.append(rows(3, 20), 0, 20)
    expect(cache.length).toBe(23)
    expect(cache.copy(0, 23).values).toEqual(rows(0, 23).values)
  })

  test('gives the memory of its rows back at once when it is released', () => {
    const cache = new KeyValueCache(shape, 4)
    cache.append(rows(0, 4), 0, 4)
    const { buffer } = cache.rows(0, 0)
    expect(buffer.byteLength).toBeGreaterThan(0)
    cache.release()
    expect([cache.length, buffer.byteLength]).toEqual([0, 0])
  })

  test('a lasting copy has the same rows, and gives its memory back when it is released', () => {
    const cache = new KeyValueCache(shape, 4)
    cache.append(rows(0, 3), 0, 3)
    const lasting = cache.copy(1, 2, { lasting: true })
    expect(lasting.values).toEqual(cache.copy(1, 2).values)
    releaseRows(lasting)
    expect(lasting.values.buffer.byteLength).toBe(0)
  })
})
