import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import type { DecodeGuard } from '../../../src/steer/guard/decode-guard.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { guards, holdsForm, spacedVocabulary } from '../guard/guarded-scenario.ts'
import { replayedAnswer, sends } from './replayed-answer.ts'
import { type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'

/** Longer answers, so that forms come about. */
const longer = scenarios.map((scenario) => ({ ...scenario, maxTokens: 3 * scenario.maxTokens }))

/** The prompt of a simulated answer, which must hold no form itself. */
const prompt = unguarded([5, 6, 5].map(tokenId))

function guarded(scenario: Scenario, guard: DecodeGuard) {
  const endTokens = scenario.ends ? spacedVocabulary.endTokens : new Set<never>()
  const { steering } = simulate(scenario).options
  // A function of the scenario, so that both loops have the same
  const leakBudgetBits = scenario.seed % 2 === 0 ? null : 2
  // Aliases that are longer than the values leave some answers less room than they may be long
  const contextTokens = prompt.length + scenario.maxTokens + (scenario.seed % 3 === 0 ? 100 : 0)
  return simulate(scenario, {
    decode: { guard, prompt, endTokens, steering: { ...steering, leakBudgetBits } },
    upstream: { vocabulary: { ...spacedVocabulary, endTokens }, contextTokens },
  })
}

describe('under a guard', () => {
  test('the lookahead loop emits the events of the reference loop, and neither sends a private form', async () => {
    let answers = 0
    let rewritten = 0
    await fc.assert(
      fc.asyncProperty(longer, guards, async (scenario, guard) => {
        const ahead = guarded(scenario, guard)
        const events = await ahead.time.run(take(lookaheadLoop(ahead.options, scenario.lookahead)))
        const reference = guarded(scenario, guard)
        const expected = await reference.time.run(take(referenceLoop(reference.options)))
        expect(events).toEqual(expected)
        expect(ahead.upstream.inFlight).toBe(0)
        for (const { prefix } of [...ahead.upstream.seen, ...reference.upstream.seen]) {
          expect(holdsForm(guard, prefix)).toBe(false)
        }
        answers++
        if (holdsForm(guard, tokensOf(events))) rewritten++
      }),
      { numRuns: 150 },
    )
    expect(rewritten / answers).toBeGreaterThan(0.05)
  })

  test('queries are reproduced from the public prompt, the emitted tokens, the aliases and the clock', async () => {
    const topKOnly = longer.map((scenario) => ({ ...scenario, fidelity: 'top-k' as const, gate: null }))
    await fc.assert(
      fc.asyncProperty(topKOnly, guards, async (scenario, guard) => {
        const lookahead = { ...scenario.lookahead, drafts: 'public' as const }
        const answer = guarded(scenario, guard)
        const { replayed } = await replayedAnswer(answer, lookahead)
        // The others ask how an alias goes on: a function of what was emitted
        const planned = answer.upstream.seen.filter(({ kind }) => kind === 'stream')
        expect(sends(await replayed)).toEqual(planned.map(({ prefix, maxTokens }) => ({ prefix, maxTokens })))
      }),
      { numRuns: 100 },
    )
  })
})
