import { expect, test } from 'vitest'
import { isLoopback } from '../../../src/upstream/http/loopback.ts'

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.evil.example', false],
])('the address %s is of this machine only: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
