import { describe, expect, test } from 'vitest'
import { memoryCheck } from '../../../src/cli/doctor/memory-check.ts'
import { configSchema } from '../../../src/config/schema.ts'

const model = { name: 'm', uses: 2, bits: 8 as const, entry: null, installed: { bytes: 1e9 } as never }
const config = configSchema.parse({ upstreams: {}, memory: { budget: 1e9 } })

describe('memory', () => {
  test('counts models, and caches as they may grow', () => {
    const check = (limitBytes: number, availableBytes: number) =>
      memoryCheck([model], config, { limitBytes, availableBytes })
    expect(check(8e9, 7e9)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('About 2.59 GB after the start, and 3.59 GB with full caches'),
    })
    expect(check(8e9, 3e9).status).toBe('warn')
    expect(check(2e9, 2e9).status).toBe('fail')
  })

  test('weights of 4 bits take less than those of 8, and a second session hardly more than one', () => {
    const machine = { limitBytes: 3.5e9, availableBytes: 3.5e9 }
    const status = (bits: 4 | 8, uses: number) =>
      memoryCheck([{ ...model, bits, uses }], config, machine).status
    expect([status(8, 2), status(8, 1), status(4, 2)]).toEqual(['warn', 'ok', 'ok'])
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

test('weights of a folder of the hub are as many as half of its bytes', () => {
  const machine = { limitBytes: 4e9, availableBytes: 4e9 }
  const installed = { bytes: 2e9, format: 'safetensors' } as never
  const small = configSchema.parse({ upstreams: {}, local: { cache_bytes: 0, running_bytes: 0 } })
  expect(memoryCheck([{ ...model, installed }], small, machine).status).toBe('ok')
  expect(memoryCheck([{ ...model, installed: { bytes: 2e9 } as never }], small, machine).status).toBe('fail')
})
