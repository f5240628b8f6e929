import { describe, expect, test } from 'vitest'
import { InFlightLimit } from '../../../../src/steer/lookahead/planning/in-flight-limit.ts'
import { LatencyEstimates } from '../../../../src/steer/lookahead/planning/latency-estimates.ts'

describe('latency estimates', () => {
  test('follows a latency that changes', () => {
    const latency = new LatencyEstimates()
    for (let i = 0; i < 50; i++) latency.firstAnswer(80, 3)
    expect(latency.firstAnswerMs).toBeCloseTo(80)
    for (let i = 0; i < 50; i++) latency.firstAnswer(20, 3)
    expect(latency.firstAnswerMs).toBeCloseTo(20, 1)
  })

  test('takes a chunk to cost its share until longer ones were measured, then what they cost', () => {
    const latency = new LatencyEstimates()
    latency.fed(1, 30, 0)
    expect(latency.feedMs(4)).toBeCloseTo(120)
    for (let i = 0; i < 30; i++) latency.fed(1 + (i % 4), 26 + 4 * (1 + (i % 4)), 0)
    expect(latency.feedMs(4)).toBeGreaterThan(30)
    expect(latency.feedMs(4)).toBeLessThan(60)
  })

  test('sees by how much queries delay each other, and no delay where there is none', () => {
    const crowded = new LatencyEstimates()
    const spacious = new LatencyEstimates()
    for (let i = 0; i < 60; i++) {
      crowded.firstAnswer(50 + 10 * (i % 6), i % 6)
      spacious.firstAnswer(50 + (i % 2), i % 6)
    }
    expect(crowded.crowdingMs).toBeGreaterThan(7)
    expect(spacious.crowdingMs).toBeLessThan(1)
  })

  describe('what a query costs where it takes the processor from local passes', () => {
    /** Passes of 30 ms over one token, longer by `addedMs` for each query in flight when they begin. */
    function besidePasses(addedMs: number, { forRow }: { readonly forRow: boolean }): LatencyEstimates {
      const latency = new LatencyEstimates()
      for (let i = 0; i < 60; i++) {
        latency.firstAnswer(60, 0)
        latency.fed(1, 30 + addedMs * (i % 8), i % 8)
        latency.waited({ forRow })
      }
      return latency
    }

    test('is what it adds to each pass until its answer', () => {
      const latency = besidePasses(2, { forRow: true })
      const passes = latency.firstAnswerMs / latency.feedMs(1)
      expect(latency.delayMs).toBeGreaterThan(0.6 * 2 * passes)
      expect(latency.delayMs).toBeLessThanOrEqual(2 * passes)
    })

    test('is nothing where passes take as long without it', () => {
      expect(besidePasses(0, { forRow: true }).delayMs).toBe(0)
    })

    test('is nothing where the answer waits for the upstream alone', () => {
      expect(besidePasses(2, { forRow: false }).delayMs).toBe(0)
    })

    test('is nothing where neither takes any time', () => {
      const latency = new LatencyEstimates()
      latency.firstAnswer(0, 0)
      latency.fed(1, 0, 3)
      latency.waited({ forRow: true })
      expect(latency.delayMs).toBe(0)
    })

    test('is not taken from passes over more tokens, which are longer for these', () => {
      const latency = new LatencyEstimates()
      for (let i = 0; i < 60; i++) {
        latency.fed(1 + (i % 4), 30 + 10 * (i % 4), i % 4)
        latency.waited({ forRow: true })
      }
      expect(latency.delayMs).toBe(0)
    })
  })
})

describe('the query window', () => {
  test('halves with each failure, grows back with answers, and stays between 1 and its limit', () => {
    const window = new InFlightLimit(8)
    window.failed(0, 0)
    expect(window.size).toBe(4)
    for (let i = 0; i < 5; i++) window.failed(0, 0)
    expect(window.size).toBe(1)
    for (let i = 0; i < 100; i++) window.answered()
    expect(window.size).toBe(8)
  })

  test('asks no guesses before the time that the upstream named', () => {
    const window = new InFlightLimit(8)
    window.failed(1_000, 500)
    window.heard()
    expect(window.maySpeculate(1_499)).toBe(false)
    expect(window.maySpeculate(1_500)).toBe(true)
  })

  test('asks no guesses between a failure and the next step that comes', () => {
    const window = new InFlightLimit(8)
    window.failed(0, 0)
    expect(window.maySpeculate(1_000_000)).toBe(false)
    window.heard()
    expect(window.maySpeculate(1_000_000)).toBe(true)
  })
})
