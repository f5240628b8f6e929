import { expect, test } from 'vitest'
import { RestraintMemory } from '../../../src/gateway/answering/restraint-memory.ts'
import { cautiousRestraint, newRestraint } from '../../../src/steer/lookahead/planning/restraint.ts'

const learned = { restrained: true, period: 128, tokensLeft: 40 }

test('answers begin for a minute as the last one ended, which token by token says nothing about', () => {
  let nowMs = 0
  const memory = new RestraintMemory({ clock: { now: () => nowMs }, sameMachine: false })
  expect(memory.recall()).toEqual(newRestraint)
  memory.note(learned)
  expect(memory.recall()).toEqual(learned)
  nowMs = 59_999
  memory.note(null)
  expect(memory.recall()).toEqual(learned)
  nowMs = 60_000
  expect(memory.recall()).toEqual(newRestraint)
})

test('answers of an upstream on the same machine begin without guesses until more is known', () => {
  const memory = new RestraintMemory({ clock: { now: () => 0 }, sameMachine: true })
  expect(memory.recall()).toEqual(cautiousRestraint)
})
