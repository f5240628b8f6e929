import fc from 'fast-check'
import { expect, test } from 'vitest'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'

const penalty = fc.double({ min: -2, max: 2, noNaN: true })
const changes = fc.record({
  minP: fc.constantFrom(0, 0.1),
  adjustments: fc.record({
    bias: fc
      .array(fc.tuple(fc.nat(8).map(tokenId), fc.double({ min: -100, max: 100, noNaN: true })), {
        maxLength: 3,
      })
      .map((entries) => new Map(entries)),
    presencePenalty: penalty,
    frequencyPenalty: penalty,
  }),
})

function adjusted(scenario: Scenario, change: Partial<ReturnType<typeof simulate>['options']['sampling']>) {
  const simulated = simulate(scenario)
  const sampling = { ...simulated.options.sampling, ...change }
  return { ...simulated, options: { ...simulated.options, sampling } }
}

test('looking ahead emits the same tokens as going token by token, whatever a client adjusts', async () => {
  let changed = 0
  await fc.assert(
    fc.asyncProperty(scenarios, changes, async (scenario, change) => {
      const ahead = adjusted(scenario, change)
      const events = await ahead.time.run(take(lookaheadLoop(ahead.options, scenario.lookahead)))
      const reference = adjusted(scenario, change)
      expect(events).toEqual(await reference.time.run(take(referenceLoop(reference.options))))
      const plain = simulate(scenario)
      const plainEvents = await plain.time.run(take(referenceLoop(plain.options)))
      if (tokensOf(events).join() !== tokensOf(plainEvents).join()) changed++
    }),
    { numRuns: 500 },
  )
  expect(changed).toBeGreaterThan(100)
})
