import { expect, test } from 'vitest'
import { RestraintMemory } from '../../src/gateway/restraint-memory.ts'

test('answers begin without guesses for a minute after one that was mostly decoded without them', () => {
  let nowMs = 0
  const memory = new RestraintMemory(() => nowMs)
  expect(memory.restrained).toBe(false)
  memory.note({ steeredTokens: 40, restrainedTokens: 30 })
  expect(memory.restrained).toBe(true)
  memory.note({ steeredTokens: 0, restrainedTokens: 0 })
  nowMs = 59_999
  expect(memory.restrained).toBe(true)
  nowMs = 60_000
  expect(memory.restrained).toBe(false)
  memory.note({ steeredTokens: 40, restrainedTokens: 30 })
  memory.note({ steeredTokens: 40, restrainedTokens: 8 })
  expect(memory.restrained).toBe(false)
})
