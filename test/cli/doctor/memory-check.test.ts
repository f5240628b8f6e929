import { describe, expect, test } from 'vitest'
import { memoryCheck } from '../../../src/cli/doctor/memory-check.ts'
import { configSchema } from '../../../src/config/schema.ts'

const model = { name: 'm', weights: 1e9, uses: 2, bits: 8 as const, entry: null, installed: null }
const config = configSchema.parse({ upstreams: {}, memory: { budget: 1e9 } })

describe('memory', () => {
  test('counts models, and caches as they may grow', () => {
    const check = (limitBytes: number, availableBytes: number) =>
      memoryCheck([model], config, { limitBytes, availableBytes })
    expect(check(8e9, 7e9)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('About 1.71 GB after the start, and 2.71 GB with full caches'),
    })
    expect(check(8e9, 2.5e9).status).toBe('warn')
    expect(check(1.5e9, 1.5e9).status).toBe('fail')
  })

  test('weights of 4 bits take less than those of 8, and a second session hardly more than one', () => {
    const loaded = (bits: 4 | 8, uses: number) => {
      const { message } = memoryCheck([{ ...model, bits, uses }], config, {
        limitBytes: 9e9,
        availableBytes: 9e9,
      })
      return Number(/^About ([\d.]+) GB/.exec(message)?.[1])
    }
    expect(loaded(4, 1)).toBeLessThan(0.8 * loaded(8, 1))
    expect(loaded(8, 2)).toBeGreaterThan(loaded(8, 1))
    expect(loaded(8, 2)).toBeLessThan(1.05 * loaded(8, 1))
  })

  test('keys of caches count as they stand', () => {
    const large = configSchema.parse({ upstreams: {}, local: { cache_bytes: 5e9 } })
    const machine = { limitBytes: 8e9, availableBytes: 6e9 }
    expect(memoryCheck([model], large, machine).status).toBe('warn')
  })

  test('a gateway without models of its own has no caches', () => {
    const machine = { limitBytes: 1e9, availableBytes: 5e8 }
    const served = configSchema.parse({
      upstreams: {},
      local: { kind: 'llama-cpp', url: 'http://127.0.0.1:8080' },
    })
    expect(memoryCheck([], served, machine)).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^About 250.0 MB without the local model's server; /),
    })
  })
})
