import { expect, test } from 'vitest'
import { memoryCheck } from '../../../src/cli/doctor/memory-check.ts'
import { configSchema } from '../../../src/config/schema.ts'

const { local } = configSchema.parse({ upstreams: {} })
const model = { name: 'm', uses: 2, bits: 8 as const, entry: null, installed: { bytes: 1e9 } as never }

test('memory counts each use of a model, and the cache', () => {
  const status = (limitBytes: number, availableBytes: number) =>
    memoryCheck([model], local, { limitBytes, availableBytes }).status
  expect(status(8e9, 7e9)).toBe('ok')
  expect(status(8e9, 4e9)).toBe('warn')
  expect(status(3e9, 3e9)).toBe('fail')
})

test('weights of 4 bits take less than those of 8', () => {
  const machine = { limitBytes: 5e9, availableBytes: 5e9 }
  const { local: small } = configSchema.parse({
    upstreams: {},
    local: { cache_bytes: 0, running_bytes: 1.5e9 },
  })
  expect(memoryCheck([{ ...model, bits: 8 }], small, machine).status).toBe('warn')
  expect(memoryCheck([{ ...model, bits: 4 }], small, machine).status).toBe('ok')
})

test('weights of a folder of the hub are as many as half of its bytes', () => {
  const machine = { limitBytes: 5e9, availableBytes: 5e9 }
  const installed = { bytes: 2e9, format: 'safetensors' } as never
  const { local: small } = configSchema.parse({ upstreams: {}, local: { cache_bytes: 0, running_bytes: 0 } })
  expect(memoryCheck([{ ...model, installed }], small, machine).status).toBe('ok')
  expect(memoryCheck([{ ...model, installed: { bytes: 2e9 } as never }], small, machine).status).toBe('fail')
})
