import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CircuitBreaker } from '../../../src/upstream/wrappers/circuit-breaker.ts'

function breakerAt() {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const breaker = new CircuitBreaker({
    where: 'The upstream',
    clock,
    threshold: 3,
    pauseMs: 1_000,
    longestPauseMs: 4_000,
  })
  const fail = (times = 1) => {
    for (let i = 0; i < times; i++) breaker.enter().failed()
  }
  return { breaker, clock, fail }
}

describe('a circuit breaker', () => {
  test('opens after the breakdowns in a row, and says when to try again', () => {
    const { breaker, fail } = breakerAt()
    fail(3)
    expect(() => breaker.enter()).toThrow(
      expect.objectContaining({ code: 'upstream_unreachable', retryAfterSeconds: 1 }),
    )
  })

  test('a success in between starts the count anew', () => {
    const { breaker, fail } = breakerAt()
    fail(2)
    breaker.enter().succeeded()
    fail(2)
    expect(() => breaker.enter().released()).not.toThrow()
  })

  test('lets one request through after the pause, whose success closes it', () => {
    const { breaker, clock, fail } = breakerAt()
    fail(3)
    clock.nowMs = 1_000
    const trial = breaker.enter()
    expect(() => breaker.enter()).toThrow()
    trial.succeeded()
    fail(2)
    expect(() => breaker.enter().released()).not.toThrow()
  })

  test('doubles the pause with each failed trial, up to the longest', () => {
    const { breaker, clock, fail } = breakerAt()
    fail(3)
    for (const pauseMs of [1_000, 2_000, 4_000, 4_000]) {
      clock.nowMs += pauseMs - 1
      expect(() => breaker.enter()).toThrow()
      clock.nowMs += 1
      fail()
    }
  })

  test('a trial that tells nothing lets the next one try', () => {
    const { breaker, clock, fail } = breakerAt()
    fail(3)
    clock.nowMs = 1_000
    breaker.enter().released()
    expect(() => breaker.enter().released()).not.toThrow()
  })

  test('requests under way when it opens make the pause no longer', () => {
    const { breaker, clock, fail } = breakerAt()
    const late = [breaker.enter(), breaker.enter()]
    fail(3)
    clock.nowMs = 900
    for (const pass of late) pass.failed()
    clock.nowMs = 1_000
    expect(() => breaker.enter().released()).not.toThrow()
  })

  test('counts requests that were under way together as one breakdown, also where a stream had begun', () => {
    const { breaker } = breakerAt()
    const passes = Array.from({ length: 8 }, () => breaker.enter())
    passes[3]?.succeeded()
    for (const pass of passes) pass.failed()
    expect(() => breaker.enter().released()).not.toThrow()
    for (let wave = 0; wave < 2; wave++) {
      const together = [breaker.enter(), breaker.enter()]
      for (const pass of together) pass.failed()
    }
    expect(() => breaker.enter()).toThrow(expect.objectContaining({ code: 'upstream_unreachable' }))
  })

  test('whatever happens, it lets a request through within the longest pause', () => {
    const event = fc.record({
      waitMs: fc.nat(5_000),
      outcome: fc.constantFrom('succeeded', 'failed', 'released'),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { breaker, clock } = breakerAt()
        for (const { waitMs, outcome } of events) {
          clock.nowMs += waitMs
          try {
            breaker.enter()[outcome as 'failed']()
          } catch (error) {
            expect(error).toMatchObject({ code: 'upstream_unreachable' })
          }
        }
        clock.nowMs += 4_000
        breaker.enter().released()
      }),
    )
  })
})
