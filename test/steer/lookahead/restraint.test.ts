import { describe, expect, test } from 'vitest'
import { Restraint } from '../../../src/steer/lookahead/restraint.ts'

interface Paces {
  /** Milliseconds a token with guesses and without. */
  readonly free: number
  readonly restrained: number
  readonly quickestAnswer: number
}

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
    const { restrained } = decode(new Restraint(false), 500, { free: 35, restrained: 43, quickestAnswer: 80 })
    expect(restrained).toBe(0)
  })

  test('leaves guesses out where they slow the answer down, and tries them again ever more rarely', () => {
    const paces = { free: 180, restrained: 60, quickestAnswer: 60 }
    const { free } = decode(new Restraint(false), 500, paces)
    expect(free).toBeGreaterThan(14)
    expect(free).toBeLessThan(60)
  })

  test('goes back to guesses that were slow for another reason', () => {
    const { restrained } = decode(new Restraint(false), 500, { free: 60, restrained: 80, quickestAnswer: 60 })
    expect(restrained).toBeGreaterThan(0)
    expect(restrained).toBeLessThan(50)
  })

  test('begins as the last answer ended, and finds out when guesses pay again', () => {
    const restraint = new Restraint(true)
    expect(decode(restraint, 40, { free: 35, restrained: 43, quickestAnswer: 80 }).free).toBe(0)
    expect(decode(restraint, 400, { free: 35, restrained: 80, quickestAnswer: 80 }).restrained).toBeLessThan(
      40,
    )
  })
})
