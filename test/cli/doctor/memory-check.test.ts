import { expect, test } from 'vitest'
import { memoryCheck } from '../../../src/cli/doctor/memory-check.ts'
import { configSchema } from '../../../src/config/schema.ts'

test('memory counts each use of a model, and the cache', () => {
  const { local } = configSchema.parse({ upstreams: {} })
  const model = { name: 'm', uses: 2, entry: null, installed: { bytes: 1e9 } as never }
  const status = (limitBytes: number, availableBytes: number) =>
    memoryCheck([model], local, { limitBytes, availableBytes }).status
  expect(status(8e9, 7e9)).toBe('ok')
  expect(status(8e9, 4e9)).toBe('warn')
  expect(status(3e9, 3e9)).toBe('fail')
})
