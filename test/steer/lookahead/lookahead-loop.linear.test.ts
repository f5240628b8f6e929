import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { prompt, type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'

/** An answer of an upstream that reads a prompt again for each step back. */
async function answered(scenario: Scenario) {
  const { options, time, upstream } = simulate(scenario, { upstream: { readsAgain: true } })
  const events = await time.run(take(lookaheadLoop(options, scenario.lookahead)))
  return { events, tokens: tokensOf(events), queries: upstream.seen, mostInFlight: upstream.mostInFlight }
}

/** Exact fidelity asks some positions once more, in both loops alike. */
const certain = scenarios.map((scenario) => ({ ...scenario, fidelity: 'top-k' as const }))

describe('at an upstream that reads a prompt again for each step back', () => {
  test('the answer is that of the reference loop, and nothing is asked but behind what is settled', async () => {
    await fc.assert(
      fc.asyncProperty(certain, async (scenario) => {
        const { events, tokens, queries, mostInFlight } = await answered(scenario)
        const { options, time } = simulate(scenario)
        expect(events).toEqual(await time.run(take(referenceLoop(options))))
        expect(mostInFlight).toBeLessThanOrEqual(1)
        for (const { prefix } of queries)
          expect(prefix.slice(prompt.length)).toEqual(tokens.slice(0, prefix.length - prompt.length))
      }),
      { numRuns: 500 },
    )
  })

  test('without guesses each query goes on from the one before', async () => {
    const patient = { throttled: true, period: 1_000, tokensLeft: 1_000 }
    await fc.assert(
      fc.asyncProperty(certain, async (scenario) => {
        const lookahead = { ...scenario.lookahead, throttle: patient }
        // A gate ends steering with one query for the rest
        const { queries } = await answered({ ...scenario, gate: null, lookahead })
        expect(queries.map(({ maxTokens }) => maxTokens)).toEqual(queries.map(() => 1))
        expect(queries.map(({ prefix }) => prefix.length)).toEqual(queries.map((_, at) => prompt.length + at))
      }),
      { numRuns: 300 },
    )
  })

  test('guesses are one stream as long as they come true', async () => {
    await fc.assert(
      fc.asyncProperty(certain, async (scenario) => {
        const lookahead = { ...scenario.lookahead, maxTokensPerQuery: 16 }
        // Nothing to steer, and no noise: the upstream's own choice is the answer's
        const own = { ...scenario, strength: 0, temperature: 0, gate: null, lookahead, upstreamMs: 10 }
        const guessing = { ...lookahead, throttle: { throttled: false, period: 1_000, tokensLeft: 1_000 } }
        const { queries } = await answered({ ...own, prefillMs: null, lookahead: guessing })
        expect(queries).toHaveLength(1)
      }),
      { numRuns: 200 },
    )
  })
})
