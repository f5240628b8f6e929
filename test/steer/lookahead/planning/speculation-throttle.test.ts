import { describe, expect, test } from 'vitest'
import {
  cautiousThrottle,
  initialThrottle,
  SpeculationThrottle,
} from '../../../../src/steer/lookahead/planning/speculation-throttle.ts'

interface Paces {
  /** Milliseconds a token with guesses and without. */
  readonly free: number
  readonly throttled: number
  readonly quickestAnswer: number
}

const sameCores: Paces = { free: 180, throttled: 60, quickestAnswer: 120 }

let atMs = 0

/** Tokens decoded in each way. */
function decode(throttle: SpeculationThrottle, count: number, paces: Paces) {
  let throttled = 0
  for (let token = 0; token < count; token++) {
    if (throttle.throttled) throttled++
    atMs += throttle.throttled ? paces.throttled : paces.free
    throttle.emitted({ atMs }, paces.quickestAnswer)
  }
  return { throttled, free: count - throttled }
}

describe('the speculation throttle', () => {
  test('never tries anything else while guesses make tokens come faster than single answers', () => {
    const paces = { free: 35, throttled: 43, quickestAnswer: 80 }
    expect(decode(new SpeculationThrottle(initialThrottle), 500, paces).throttled).toBe(0)
  })

  test('blames no guesses for the time in which the local pair was asked about a private value', () => {
    const paces = { free: 35, throttled: 43, quickestAnswer: 45 }
    const judgedMs = 90
    const throttle = new SpeculationThrottle(initialThrottle)
    for (let token = 0; token < 500; token++) {
      atMs += paces.free + judgedMs
      throttle.emitted({ atMs, judgedMs }, paces.quickestAnswer)
      expect(throttle.throttled).toBe(false)
    }
  })

  test('leaves guesses out where they slow the answer down, and tries them again ever more rarely', () => {
    const { free } = decode(new SpeculationThrottle(initialThrottle), 500, {
      ...sameCores,
      free: 70,
      quickestAnswer: 60,
    })
    expect(free).toBeGreaterThan(14)
    expect(free).toBeLessThan(60)
  })

  test('needs a handful of tokens where guesses slow the answer down much', () => {
    const { free } = decode(new SpeculationThrottle(initialThrottle), 60, sameCores)
    expect(free).toBeLessThan(8)
  })

  test('goes back to guesses that were slow for another reason', () => {
    const paces = { free: 60, throttled: 80, quickestAnswer: 60 }
    const { throttled } = decode(new SpeculationThrottle(initialThrottle), 500, paces)
    expect(throttled).toBeGreaterThan(0)
    expect(throttled).toBeLessThan(50)
  })

  test('ends a trial of guesses with the first token that does not come', () => {
    const throttle = new SpeculationThrottle({ throttled: true, period: 64, tokensLeft: 10 })
    decode(throttle, 13, sameCores)
    expect(throttle.throttled).toBe(false)
    throttle.waited(atMs + 4 * sameCores.throttled)
    expect(throttle.throttled).toBe(false)
    throttle.waited(atMs + 6 * sameCores.throttled)
    expect(throttle.state).toEqual({ throttled: true, period: 256, tokensLeft: 256 })
  })

  test('begun with caution, goes over to guesses that pay', () => {
    const paces = { free: 35, throttled: 43, quickestAnswer: 80 }
    expect(decode(new SpeculationThrottle(cautiousThrottle), 500, paces).throttled).toBeLessThan(20)
    expect(decode(new SpeculationThrottle(cautiousThrottle), 200, sameCores).free).toBeLessThan(8)
  })

  test('finds out when guesses pay again', () => {
    const throttle = new SpeculationThrottle({ throttled: true, period: 64, tokensLeft: 64 })
    const paces = { free: 35, throttled: 80, quickestAnswer: 80 }
    expect(decode(throttle, 40, paces).free).toBe(0)
    expect(decode(throttle, 400, paces).throttled).toBeLessThan(40)
  })

  test('handed from answer to answer, tries guesses as rarely as in one long answer', () => {
    let state = initialThrottle
    let free = 0
    for (let answer = 0; answer < 20; answer++) {
      const throttle = new SpeculationThrottle(state)
      free += decode(throttle, 48, sameCores).free
      state = throttle.state
    }
    expect(state).toMatchObject({ throttled: true, period: 1024 })
    expect(free).toBeLessThan(20)
  })

  test('counts a trial that an end cut short as none', () => {
    const throttle = new SpeculationThrottle({ throttled: true, period: 64, tokensLeft: 10 })
    decode(throttle, 14, sameCores)
    expect(throttle.throttled).toBe(false)
    expect(throttle.state).toEqual({ throttled: true, period: 64, tokensLeft: 64 })
  })
})
