import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { LocalRow, TreeToken } from '../../../src/steer/local-pair.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { type LookaheadSettings, plannerSettings } from '../../../src/steer/lookahead/lookahead-settings.ts'
import { initialThrottle } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'
import type { RecordedEvent } from '../../../src/steer/lookahead/recorded-event.ts'
import { replayQueries } from '../../../src/steer/lookahead/replay-queries.ts'
import { tokenChain } from '../../../src/steer/token-chain.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { topK } from '../table-models.ts'
import { replayedAnswer, sends } from './replayed-answer.ts'
import { type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'
import { publicGuesses } from './simulated-pair.ts'
import type { SeenQuery, SimulatedUpstreamOptions } from './simulated-upstream.ts'

/**
 * Top-k fidelity, because wider questions are the steerer's own; no gate, because the
 * free run is not planned.
 */
const planned = scenarios.map((scenario) => ({ ...scenario, fidelity: 'top-k' as const, gate: null }))

/** Runs an answer, and replays its queries from public facts. */
async function runAndReplay(
  scenario: Scenario,
  lookahead: LookaheadSettings,
  refuse: SimulatedUpstreamOptions['refuse'] = () => null,
) {
  const simulated = simulate(scenario, { upstream: { refuse } })
  const answer = await replayedAnswer(simulated, lookahead)
  return {
    ...answer,
    seen: simulated.upstream.seen.map(({ prefix, maxTokens }) => ({ prefix, maxTokens })),
  }
}

describe('the queries of an answer with public drafts', () => {
  test('are reproduced from the public prompt, the emitted tokens and the clock alone', async () => {
    await fc.assert(
      fc.asyncProperty(planned, async (scenario) => {
        const { seen, replayed } = await runAndReplay(scenario, { ...scenario.lookahead, drafts: 'public' })
        expect(sends(await replayed)).toEqual(seen)
      }),
      { numRuns: 500 },
    )
  })

  test('are reproduced when the upstream refuses some and the window shrinks', async () => {
    await fc.assert(
      fc.asyncProperty(planned, async (scenario) => {
        const refuse = (_: SeenQuery, inFlight: number) =>
          inFlight > 2
            ? new GatewayError('upstream_refused', 'The upstream is busy.', { retryAfterSeconds: 0.05 })
            : null
        const lookahead = { ...scenario.lookahead, drafts: 'public' as const }
        const { seen, replayed } = await runAndReplay(scenario, lookahead, refuse)
        expect(sends(await replayed)).toEqual(seen)
      }),
      { numRuns: 200 },
    )
  })

  test('are reproduced when a budget allows fewer as the answer goes on', async () => {
    await fc.assert(
      fc.asyncProperty(planned, async (scenario) => {
        let asked = 0
        const atOnce = () => (asked++ < 3 ? Infinity : Math.max(1, 8 - asked))
        const lookahead = { ...scenario.lookahead, drafts: 'public' as const, atOnce }
        const { seen, replayed } = await runAndReplay(scenario, lookahead)
        expect(sends(await replayed)).toEqual(seen)
      }),
      { numRuns: 200 },
    )
  })

  test('betray a planner that is given private guesses', async () => {
    let caught = 0
    const runs = 60
    await fc.assert(
      fc.asyncProperty(planned, async (scenario) => {
        const bold = { ...scenario, disagreement: 3, strength: 2, maxTokens: 16, maxInFlight: 8 }
        const { seen, replayed } = await runAndReplay(bold, {
          ...scenario.lookahead,
          maxInFlight: 8,
          throttle: initialThrottle,
          drafts: 'private',
        })
        const honest = await replayed.then(sends, () => null)
        if (JSON.stringify(honest) !== JSON.stringify(seen)) caught++
      }),
      { numRuns: runs, seed: 1 },
    )
    expect(caught).toBeGreaterThan(runs / 2)
  })

  test('betray a planner that is told the answer before it is emitted', async () => {
    const [scenario] = fc.sample(planned, { seed: 5, numRuns: 1 }) as [Scenario]
    const steady = {
      ...scenario,
      temperature: 0,
      maxTokens: 16,
      ends: false,
      maxInFlight: 8,
      upstreamMs: 50,
      localMs: 3,
    }
    const lookahead = {
      ...scenario.lookahead,
      drafts: 'public' as const,
      maxInFlight: 8,
      leastGain: 0,
      throttle: initialThrottle,
    }
    const { options, time } = simulate(steady)
    const answer = tokensOf(await time.run(take(lookaheadLoop(options, lookahead))))
    const foresight = simulate(steady)
    const { local, without } = foresight
    const prophetic = {
      root: { ...local.root, publicGuesses: [{ token: answer[0] as TokenId, probability: 1 }] },
      prefill: local.prefill,
      feed: (from: typeof local.root, tokens: readonly TokenId[]) =>
        prophetic.feedTree(tokenChain(from, tokens)),
      feedTree: async (tree: readonly TreeToken[]): Promise<LocalRow[]> => {
        const ownRoot = ({ parent, token }: TreeToken) => ({
          parent: typeof parent !== 'number' && parent.depth === 0 ? local.root : parent,
          token,
        })
        const rows = await local.feedTree(tree.map(ownRoot))
        return rows.map((row) =>
          Object.assign(row, { publicGuesses: [{ token: answer[row.depth] ?? tokenId(0), probability: 1 }] }),
        )
      },
      retain: (row: typeof local.root) => local.retain(row.depth === 0 ? local.root : row),
      close: () => {},
    }
    const events: RecordedEvent[] = []
    const settings = plannerSettings(foresight.options, lookahead)
    const cheating = lookaheadLoop({ ...foresight.options, local: prophetic }, lookahead, {
      record: (event) => events.push(event),
    })
    expect(tokensOf(await foresight.time.run(take(cheating)))).toEqual(answer)
    const models = {
      guesses: async (emitted: readonly TokenId[]) => publicGuesses(without, emitted),
      step: async (prefix: readonly TokenId[]) => {
        const distribution = topK(foresight.upstream.tableModel(prefix), steady.candidates)
        return { token: tokenId(distribution.ids[0] as number), distribution }
      },
    }
    const honest = await replayQueries({ settings, channels: null, emitted: answer, events, models }).then(
      sends,
      () => null,
    )
    expect(honest).not.toEqual(
      foresight.upstream.seen.map(({ prefix, maxTokens }) => ({ prefix, maxTokens })),
    )
  })

  test('are recorded without any token, guess or probability', async () => {
    const [scenario] = fc.sample(planned, { seed: 7, numRuns: 1 }) as [Scenario]
    const { events } = await runAndReplay(
      { ...scenario, maxTokens: 16 },
      { ...scenario.lookahead, drafts: 'public' },
    )
    const keys = new Set(events.flatMap((event) => Object.keys(event)))
    expect([...keys].sort()).toEqual(expect.arrayContaining(['atMs', 'type']))
    for (const key of keys) expect(['type', 'atMs', 'judgedMs', 'query', 'retryAfterMs']).toContain(key)
  })
})
