import { expect, test } from 'vitest'
import { unguarded } from '../../../../src/guard/public.ts'
import { Planner } from '../../../../src/steer/lookahead/planning/planner.ts'
import { initialThrottle } from '../../../../src/steer/lookahead/planning/speculation-throttle.ts'
import { greedy } from '../../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../../src/steer/token-id.ts'

test('queries go before the local pass of their plan, which sees what they have cost', () => {
  const planner = new Planner({
    prompt: unguarded([tokenId(1)]),
    publicTokens: [],
    position: 0,
    sampling: greedy,
    endTokens: new Set(),
    maxTokens: 100,
    contextTokens: 1_000,
    maxInFlight: 8,
    maxTokensPerQuery: 16,
    leastGain: 0.003,
    throttle: initialThrottle,
    publicly: unguarded,
  })
  planner.observe({ type: 'rows-computed', atMs: 0, guesses: [[{ token: tokenId(7), probability: 0.9 }]] })
  const actions = planner.plan(0)
  expect(actions.map(({ type }) => type)).toEqual(['send-query', 'send-query', 'feed-tree'])
  expect(actions.at(-1)).toMatchObject({ nodes: [{ token: 7 }] })
})
