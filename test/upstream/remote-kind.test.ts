import { expect, test } from 'vitest'
import { isRemote, upstreamSchema } from '../../src/upstream/kinds.ts'
import { firstByteMsOf } from '../../src/upstream/remote-kind.ts'

test.each([
  ['http://127.0.0.1:8080', undefined, 600_000],
  ['http://localhost:8080/v1', undefined, 600_000],
  ['http://[::1]:8080', undefined, 600_000],
  ['https://models.example', undefined, 300_000],
  ['http://192.168.1.7:8080', undefined, 300_000],
  ['http://127.0.0.1:8080', 90, 90],
])('a server at %s, told %s, has %i ms for the first content of a reply', (url, given, ms) => {
  const config = upstreamSchema.parse({ kind: 'llama-cpp', url, first_byte_ms: given })
  expect(isRemote(config) && firstByteMsOf(url, config)).toBe(ms)
})
