import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import type { ThrottleState } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'
import { plain, prompt, type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'
import type { SeenQuery } from './simulated-upstream.ts'

async function referenceEvents(scenario: Scenario) {
  const { options, time } = simulate(scenario)
  return time.run(take(referenceLoop(options)))
}

describe('the lookahead loop', () => {
  test('emits the events of the reference loop, whatever overtakes what', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { options, time, upstream } = simulate(scenario)
        const events = await time.run(take(lookaheadLoop(options, scenario.lookahead)))
        expect(events).toEqual(await referenceEvents(scenario))
        expect(upstream.inFlight).toBe(0)
        expect(upstream.mostInFlight).toBeLessThanOrEqual(
          Math.min(scenario.maxInFlight, scenario.lookahead.maxInFlight) +
            (scenario.fidelity === 'exact' ? 1 : 0),
        )
        const { counters } = options
        expect(counters.upstreamQueries).toBe(upstream.seen.length)
        expect(counters.steeredTokens + counters.unsteeredTokens).toBe(tokensOf(events).length)
      }),
      { numRuns: 1500 },
    )
  })

  test('has no more in flight than it is told it may have, and emits the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, fc.integer({ min: 1, max: 3 }), async (scenario, most) => {
        const { options, time, upstream } = simulate(scenario)
        const lookahead = { ...scenario.lookahead, atOnce: () => most }
        const events = await time.run(take(lookaheadLoop(options, lookahead)))
        expect(events).toEqual(await referenceEvents(scenario))
        expect(upstream.mostInFlight).toBeLessThanOrEqual(most + (scenario.fidelity === 'exact' ? 1 : 0))
      }),
      { numRuns: 300 },
    )
  })

  test('leaves nothing in flight when the consumer leaves early', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, fc.integer({ min: 1, max: 6 }), async (scenario, limit) => {
        const { options, time, upstream } = simulate(scenario)
        const events = await time.run(take(lookaheadLoop(options, scenario.lookahead), limit))
        expect(events).toEqual((await referenceEvents(scenario)).slice(0, limit))
        expect(upstream.inFlight).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('is not slower than token by token and faster when the guesses are good', async () => {
    const scenario = { ...plain, disagreement: 0.3, strength: 0.5, upstreamMs: 40, localMs: 10, jitter: 0 }
    const ahead = simulate(scenario)
    await ahead.time.run(take(lookaheadLoop(ahead.options, scenario.lookahead)))
    const reference = simulate(scenario)
    await reference.time.run(take(referenceLoop(reference.options)))
    expect(ahead.time.now()).toBeLessThan(reference.time.now() / 2)
  })

  test('cancels a query at the moment when its guess turns out wrong', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const emittedAt: number[] = []
        const { options, time, upstream } = simulate(scenario)
        const emitted: number[] = []
        const run = async () => {
          for await (const event of lookaheadLoop(options, scenario.lookahead)) {
            if (event.type !== 'token-emitted') continue
            emitted.push(event.token)
            emittedAt.push(time.now())
          }
        }
        await time.run(run())
        for (const query of upstream.seen) {
          const wrong = query.prefix.slice(prompt.length).findIndex((token, i) => token !== emitted[i])
          if (wrong !== -1 && wrong < emitted.length) {
            expect(query.endMs).toBeLessThanOrEqual(emittedAt[wrong] as number)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('an upstream that refuses more than a few queries at once gets fewer, and the answer is the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, fc.integer({ min: 1, max: 3 }), async (scenario, most) => {
        const refuse = (_: SeenQuery, inFlight: number) =>
          inFlight > most
            ? new GatewayError('upstream_refused', 'The upstream is busy.', { retryAfterSeconds: 0.1 })
            : null
        // The wider questions of exact fidelity come on top of the window, in both loops alike.
        const calm = { ...scenario, fidelity: 'top-k' as const }
        const { options, time } = simulate(calm, { upstream: { refuse } })
        const events = await time.run(take(lookaheadLoop(options, scenario.lookahead)))
        expect(events).toEqual(await referenceEvents(calm))
      }),
      { numRuns: 500 },
    )
  })

  test('errors of guesses that are not needed do not reach the answer', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const expected = await referenceEvents(scenario)
        const whole = [...prompt, ...tokensOf(expected)]
        const refuse = ({ prefix }: SeenQuery) =>
          prefix.some((token, i) => token !== whole[i])
            ? new GatewayError('upstream_unreachable', 'The upstream hung up.')
            : null
        const { options, time } = simulate(scenario, { upstream: { refuse } })
        expect(await time.run(take(lookaheadLoop(options, scenario.lookahead)))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('an upstream that fails for good fails the answer with its error and nothing is left in flight', async () => {
    const refuse = ({ prefix }: SeenQuery) =>
      prefix.length > prompt.length + 4 ? new GatewayError('upstream_refused', 'The upstream is busy.') : null
    const { options, time, upstream } = simulate(plain, { upstream: { refuse } })
    const emitted: number[] = []
    const run = async () => {
      for await (const event of lookaheadLoop(options, plain.lookahead)) {
        if (event.type === 'token-emitted') emitted.push(event.token)
      }
    }
    await expect(time.run(run())).rejects.toMatchObject({ code: 'upstream_refused' })
    expect(emitted.length).toBeGreaterThanOrEqual(5)
    expect(upstream.inFlight).toBe(0)
  })

  test('an abort rejects with its reason and stops every query at once', async () => {
    const controller = new AbortController()
    const { options, time, upstream } = simulate(plain, { decode: { signal: controller.signal } })
    const run = lookaheadLoop(options, plain.lookahead)
    await time.run(run.next())
    expect(upstream.inFlight).toBeGreaterThan(0)
    controller.abort(new Error('client gone'))
    expect(upstream.inFlight).toBe(0)
    await expect(time.run(run.next())).rejects.toThrow('client gone')
  })

  test.each(['continue-unsteered', 'fail'] as const)(
    'a local model that fails on the way: %s',
    async (onLocalFailure) => {
      const { options } = simulate(plain)
      const steering = { ...options.steering, onLocalFailure }
      const {
        options: failing,
        time,
        upstream,
      } = simulate(plain, { decode: { steering }, local: { passes: 6 } })
      const run = time.run(take(lookaheadLoop(failing, plain.lookahead)))
      if (onLocalFailure === 'fail') await expect(run).rejects.toThrow('worker gone')
      else expect(tokensOf(await run)).toHaveLength(plain.maxTokens)
      expect(upstream.inFlight).toBe(0)
    },
  )

  test('a trace tells when the row and the answer of each token were computed, and which guess was ahead', async () => {
    const { options, time } = simulate(plain, { decode: { trace: true } })
    const events = await time.run(take(lookaheadLoop(options, plain.lookahead)))
    const traces = events.flatMap((event) =>
      event.type === 'token-emitted' && event.trace ? [event.trace] : [],
    )
    expect(traces).toHaveLength(plain.maxTokens)
    for (const { upstreamQuery, local, emittedMs } of traces) {
      expect(Math.max(upstreamQuery.endMs, local?.endMs ?? 0)).toBeLessThanOrEqual(emittedMs)
    }
    expect(traces.some(({ draft }) => draft !== null)).toBe(true)
  })

  test('tells once, however it ends, how the next answer should begin', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, fc.integer({ min: 1, max: 6 }), async (scenario, limit) => {
        const { options, time } = simulate(scenario)
        const ends: ThrottleState[] = []
        const onEnd = (throttle: ThrottleState) => ends.push(throttle)
        await time.run(take(lookaheadLoop(options, scenario.lookahead, { onEnd }), limit))
        expect(ends).toHaveLength(1)
        expect(ends[0]?.period).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
    const ends: ThrottleState[] = []
    const throttle = { throttled: true, period: 64, tokensLeft: 40 }
    const { options, time } = simulate(plain)
    await time.run(
      take(lookaheadLoop(options, { ...plain.lookahead, throttle }, { onEnd: (state) => ends.push(state) })),
    )
    expect(ends).toEqual([{ ...throttle, tokensLeft: throttle.tokensLeft - plain.maxTokens + 1 }])
  })

  test('a slow local model with cheap chunks is fed several tokens at once', async () => {
    const scenario = { ...plain, disagreement: 0.3, strength: 0.5, upstreamMs: 2, maxTokens: 100 }
    let passes = 0
    const passMs = (tokens: number) => {
      passes++
      return 30 + 2 * tokens
    }
    const { options, time, local } = simulate(scenario, { local: { passMs } })
    await time.run(take(lookaheadLoop(options, scenario.lookahead)))
    expect(local.fed.length / passes).toBeGreaterThan(1.5)
    expect(time.now()).toBeLessThan((scenario.maxTokens * 32) / 1.5)
  })

  test('a local model with cheap chunks computes several branches at once', async () => {
    const scenario = { ...plain, disagreement: 2, upstreamMs: 30, maxTokens: 60 }
    const passMs = (tokens: number) => 20 + tokens
    const { options, time, local } = simulate(scenario, { local: { passMs } })
    await time.run(take(lookaheadLoop(options, scenario.lookahead)))
    const siblings = local.passes.filter(
      (pass) => new Set(pass.map(({ length }) => length)).size < pass.length,
    )
    expect(siblings.length).toBeGreaterThan(local.passes.length / 3)
  })

  test('asks less where queries take the processor from a local model that the answer waits for', async () => {
    const scenario = { ...plain, disagreement: 2, upstreamMs: 60, maxTokens: 120 }
    const never = { throttled: false, period: 1_000, tokensLeft: 1_000 }
    const queriesWith = async (addedMs: (inFlight: number) => number) => {
      const simulated = simulate(scenario, {
        local: { passMs: (tokens) => 30 * tokens + addedMs(simulated.upstream.inFlight) },
      })
      const lookahead = { ...scenario.lookahead, throttle: never }
      await simulated.time.run(take(lookaheadLoop(simulated.options, lookahead)))
      return simulated.upstream.seen.length
    }
    const added: number[] = []
    const taking = await queriesWith((inFlight) => {
      added.push(4 * inFlight)
      return 4 * inFlight
    })
    const meanMs = added.reduce((sum, ms) => sum + ms, 0) / added.length
    expect(taking).toBeLessThan(0.85 * (await queriesWith(() => meanMs)))
  })

  test('asks the upstream while the prompts are still being computed', async () => {
    const scenario = { ...plain, prefillMs: 100, upstreamMs: 40, jitter: 0 }
    const { options, time, upstream } = simulate(scenario, { decode: { trace: true } })
    const [first] = await time.run(take(lookaheadLoop(options, scenario.lookahead), 1))
    expect(time.now()).toBe(100)
    expect(upstream.seen[0]?.startMs).toBe(0)
    expect(first).toMatchObject({ trace: { local: { startMs: 0, endMs: 100 } } })
  })

  test.each(['lookahead', 'reference'] as const)(
    'a local model that cannot open leaves the %s loop to the upstream, or fails it',
    async (loop) => {
      const run = (onLocalFailure: 'continue-unsteered' | 'fail', failure: Error) => {
        const { options, time } = simulate(plain)
        const local = time.after(5).then(() => Promise.reject(failure))
        const decode = { ...options, local, steering: { ...options.steering, onLocalFailure } }
        const events = loop === 'lookahead' ? lookaheadLoop(decode, plain.lookahead) : referenceLoop(decode)
        return time.run(take(events))
      }
      expect(tokensOf(await run('continue-unsteered', new Error('gone')))).toHaveLength(plain.maxTokens)
      await expect(run('fail', new Error('gone'))).rejects.toThrow('gone')
      const full = new GatewayError('context_length_exceeded', 'The local window is full.')
      expect(tokensOf(await run('fail', full))).toHaveLength(plain.maxTokens)
    },
  )

  test('without a local pair the upstream streams its own answer', async () => {
    const { options, time, upstream } = simulate(plain, { decode: { local: null } })
    const events = await time.run(take(lookaheadLoop(options, plain.lookahead)))
    expect(tokensOf(events)).toHaveLength(plain.maxTokens)
    expect(upstream.seen).toHaveLength(1)
  })
})
