import { describe, expect, test } from 'vitest'
import {
  cautiousRestraint,
  newRestraint,
  Restraint,
} from '../../../../src/steer/lookahead/planning/restraint.ts'

interface Paces {
  /** Milliseconds a token with guesses and without. */
  readonly free: number
  readonly restrained: number
  readonly quickestAnswer: number
}

const sameCores: Paces = { free: 180, restrained: 60, quickestAnswer: 120 }

let atMs = 0

/** Tokens decoded in each way. */
function decode(restraint: Restraint, count: number, paces: Paces) {
  let restrained = 0
  for (let token = 0; token < count; token++) {
    if (restraint.restrained) restrained++
    atMs += restraint.restrained ? paces.restrained : paces.free
    restraint.emitted(atMs, paces.quickestAnswer)
  }
  return { restrained, free: count - restrained }
}

describe('restraint', () => {
  test('never tries anything else while guesses make tokens come faster than single answers', () => {
    const paces = { free: 35, restrained: 43, quickestAnswer: 80 }
    expect(decode(new Restraint(newRestraint), 500, paces).restrained).toBe(0)
  })

  test('leaves guesses out where they slow the answer down, and tries them again ever more rarely', () => {
    const { free } = decode(new Restraint(newRestraint), 500, { ...sameCores, free: 70, quickestAnswer: 60 })
    expect(free).toBeGreaterThan(14)
    expect(free).toBeLessThan(60)
  })

  test('needs a handful of tokens where guesses slow the answer down much', () => {
    const { free } = decode(new Restraint(newRestraint), 60, sameCores)
    expect(free).toBeLessThan(8)
  })

  test('goes back to guesses that were slow for another reason', () => {
    const paces = { free: 60, restrained: 80, quickestAnswer: 60 }
    const { restrained } = decode(new Restraint(newRestraint), 500, paces)
    expect(restrained).toBeGreaterThan(0)
    expect(restrained).toBeLessThan(50)
  })

  test('ends a trial of guesses with the first token that does not come', () => {
    const restraint = new Restraint({ restrained: true, period: 64, tokensLeft: 10 })
    decode(restraint, 13, sameCores)
    expect(restraint.restrained).toBe(false)
    restraint.waited(atMs + 4 * sameCores.restrained)
    expect(restraint.restrained).toBe(false)
    restraint.waited(atMs + 6 * sameCores.restrained)
    expect(restraint.state).toEqual({ restrained: true, period: 256, tokensLeft: 256 })
  })

  test('begun with caution, goes over to guesses that pay', () => {
    const paces = { free: 35, restrained: 43, quickestAnswer: 80 }
    expect(decode(new Restraint(cautiousRestraint), 500, paces).restrained).toBeLessThan(20)
    expect(decode(new Restraint(cautiousRestraint), 200, sameCores).free).toBeLessThan(8)
  })

  test('finds out when guesses pay again', () => {
    const restraint = new Restraint({ restrained: true, period: 64, tokensLeft: 64 })
    const paces = { free: 35, restrained: 80, quickestAnswer: 80 }
    expect(decode(restraint, 40, paces).free).toBe(0)
    expect(decode(restraint, 400, paces).restrained).toBeLessThan(40)
  })

  test('handed from answer to answer, tries guesses as rarely as in one long answer', () => {
    let state = newRestraint
    let free = 0
    for (let answer = 0; answer < 20; answer++) {
      const restraint = new Restraint(state)
      free += decode(restraint, 48, sameCores).free
      state = restraint.state
    }
    expect(state).toMatchObject({ restrained: true, period: 1024 })
    expect(free).toBeLessThan(20)
  })

  test('counts a trial that an end cut short as none', () => {
    const restraint = new Restraint({ restrained: true, period: 64, tokensLeft: 10 })
    decode(restraint, 14, sameCores)
    expect(restraint.restrained).toBe(false)
    expect(restraint.state).toEqual({ restrained: true, period: 64, tokensLeft: 64 })
  })
})
