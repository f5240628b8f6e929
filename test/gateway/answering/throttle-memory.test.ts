import { expect, test } from 'vitest'
import { ThrottleMemory } from '../../../src/gateway/answering/throttle-memory.ts'
import {
  cautiousThrottle,
  initialThrottle,
} from '../../../src/steer/lookahead/planning/speculation-throttle.ts'

const learned = { throttled: true, period: 128, tokensLeft: 40 }

test('answers begin for a minute as the last one ended', () => {
  let nowMs = 0
  const memory = new ThrottleMemory({ clock: { now: () => nowMs }, sameMachine: false })
  expect(memory.recall()).toEqual(initialThrottle)
  memory.note(learned)
  expect(memory.recall()).toEqual(learned)
  nowMs = 59_999
  expect(memory.recall()).toEqual(learned)
  nowMs = 60_000
  expect(memory.recall()).toEqual(initialThrottle)
})

test('answers of an upstream on the same machine begin without guesses until more is known', () => {
  const memory = new ThrottleMemory({ clock: { now: () => 0 }, sameMachine: true })
  expect(memory.recall()).toEqual(cautiousThrottle)
})
