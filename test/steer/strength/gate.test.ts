import { expect, test } from 'vitest'
import { Gate } from '../../../src/steer/strength/gate.ts'
import { topK } from '../table-models.ts'

const sure = topK([10, 0, 0], 2)
const unsure = topK([1, 0.9, 0.8], 2)

test('the gate closes after three sure tokens in a row and stays closed', () => {
  const gate = new Gate({ epsilon: 0.1, consecutive: 3 })
  for (const distribution of [sure, sure, unsure, sure, sure]) gate.observe(distribution)
  expect(gate.closed).toBe(false)
  gate.observe(sure)
  expect(gate.closed).toBe(true)
  gate.observe(unsure)
  expect(gate.closed).toBe(true)
})
