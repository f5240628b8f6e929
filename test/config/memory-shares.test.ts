import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryShares, sharedBytes } from '../../src/config/memory-shares.ts'
import { configSchema } from '../../src/config/schema.ts'

const machine = { limitBytes: 16e9 }
const served = { kind: 'llama-cpp', url: 'http://127.0.0.1:8080' }

function shares(config: object, limits = machine) {
  return memoryShares(configSchema.parse({ upstreams: {}, ...config }), limits)
}

describe('the budget of memory', () => {
  test('is a quarter of the memory, at most 1 GiB, unless it is given', () => {
    expect(shares({}, { limitBytes: 2e9 }).budgetBytes).toBe(5e8)
    expect(shares({}).budgetBytes).toBe(2 ** 30)
    expect(shares({ memory: { budget: 3e9 } }).budgetBytes).toBe(3e9)
  })

  test('is shared out whole, and no further', () => {
    const upstreams = fc.array(fc.constantFrom({ kind: 'embedded' }, served), { maxLength: 4 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e9 }), upstreams, (budget, many) => {
        const all = shares({ memory: { budget }, upstreams: Object.fromEntries(many.entries()) })
        expect(sharedBytes(all)).toBeLessThanOrEqual(budget)
        expect(sharedBytes(all)).toBeGreaterThan(budget - 8)
      }),
    )
  })

  test('leaves to the caches without a key what the given ones leave', () => {
    const given = { cache_bytes: 3e8, running_bytes: 4e8 }
    const all = shares({
      memory: { budget: 1e9 },
      local: given,
      upstreams: { own: { kind: 'embedded' }, far: served },
    })
    expect(all).toMatchObject({ cacheBytes: 3e8, runningBytes: 4e8 })
    expect([...all.upstreamBytes]).toEqual([['own', 3e8]])
  })

  test('counts a given key as it stands, and leaves the others a quarter even then', () => {
    const all = shares({ memory: { budget: 1e9 }, local: { cache_bytes: 5e9 } })
    expect([all.cacheBytes, all.runningBytes]).toEqual([5e9, 2.5e8])
    expect(shares({ local: { cache_bytes: 0 } }).cacheBytes).toBe(0)
  })

  test('gives nothing to a local model that runs on a server', () => {
    const all = shares({ local: served, upstreams: { own: { kind: 'embedded', cache_bytes: 7 } } })
    expect([all.cacheBytes, all.runningBytes]).toEqual([0, 0])
    expect([...all.upstreamBytes.values()]).toEqual([7])
  })
})
