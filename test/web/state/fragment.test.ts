import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AskedState, fragmentOf, readFragment } from '../../../web/state/fragment.ts'

const usual: AskedState = {
  prompt: 'Introduce yourself.',
  profile: null,
  model: null,
  strength: null,
  temperature: 0.7,
  topP: 0.9,
  frequencyPenalty: null,
  seed: 1,
  maxTokens: 160,
}

const states = fc.record({
  prompt: fc.string({ unit: 'grapheme' }),
  profile: fc.option(fc.constantFrom('noor-lindqvist', 'none')),
  model: fc.option(fc.constantFrom('costeer', 'acme/large')),
  strength: fc.option(fc.double({ min: 0, max: 20, noNaN: true })),
  temperature: fc.double({ min: 0, max: 2, noNaN: true }),
  topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
  frequencyPenalty: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
  seed: fc.nat(),
  maxTokens: fc.integer({ min: 1, max: 4096 }),
})

describe('the fragment of the address', () => {
  test('says all that is set', () => {
    fc.assert(
      fc.property(states, (state) => {
        const read = { ...usual, ...readFragment(fragmentOf(state, usual)) }
        expect(fragmentOf(read, usual)).toBe(fragmentOf(state, usual))
        expect({ ...read, prompt: '' }).toEqual({ ...state, prompt: '' })
      }),
    )
  })

  test('is short where all is as usual', () => {
    const state = { ...usual, profile: 'noor-lindqvist' }
    expect(fragmentOf(state, usual)).toBe('#q=Introduce+yourself.&as=noor-lindqvist&seed=1')
  })

  test('counts as silent where it names what the page could not set', () => {
    expect(readFragment('#seed=1.5&strength=99&temperature=x&max_tokens=0&top_p=')).toEqual({})
    expect(readFragment('')).toEqual({})
    expect(readFragment('#q=&seed=7')).toEqual({ prompt: '', seed: 7 })
  })
})
