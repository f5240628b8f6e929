import { beforeEach, describe, expect, test } from 'vitest'
import { RecentLogits } from '../../../src/slm/cache/recent-logits.ts'

const MIB = 2 ** 18

describe('logits that were computed a moment ago', () => {
  let recent: RecentLogits
  beforeEach(() => {
    recent = new RecentLogits()
    recent.join()
  })

  test('are found by all the tokens that they follow', () => {
    const logits = Float32Array.of(1, 2)
    recent.keep(Int32Array.of(1, 2, 3), logits)
    expect(recent.find(Int32Array.of(1, 2, 3))).toBe(logits)
    for (const other of [[1, 2], [1, 2, 3, 4], [0, 2, 3], []])
      expect(recent.find(Int32Array.from(other))).toBeNull()
  })

  test('tell how much of a sequence was computed', () => {
    recent.keep(Int32Array.of(1, 2), new Float32Array(1))
    recent.keep(Int32Array.of(1, 2, 3), new Float32Array(1))
    recent.keep(Int32Array.of(1, 5, 3, 4), new Float32Array(1))
    expect(recent.known(Int32Array.of(1, 2, 3, 4))).toBe(3)
    expect(recent.known(Int32Array.of(2))).toBe(0)
  })

  test('make room for later ones, and the latest is always there', () => {
    for (let token = 0; token < 20; token++) recent.keep(Int32Array.of(token), new Float32Array(MIB))
    const found = Array.from({ length: 20 }, (_, token) => recent.find(Int32Array.of(token)) !== null)
    expect(found.flatMap((there, token) => (there ? token : []))).toEqual([12, 13, 14, 15, 16, 17, 18, 19])
    recent.keep(Int32Array.of(99), new Float32Array(20 * MIB))
    expect(recent.find(Int32Array.of(99))).toHaveLength(20 * MIB)
    expect(recent.find(Int32Array.of(19))).toBeNull()
  })

  test('are kept as long as anybody may ask for them', () => {
    recent.join()
    recent.keep(Int32Array.of(1), new Float32Array(1))
    recent.leave()
    expect([recent.isRead, recent.find(Int32Array.of(1))]).toEqual([true, new Float32Array(1)])
    recent.leave()
    expect([recent.isRead, recent.find(Int32Array.of(1))]).toEqual([false, null])
  })
})
