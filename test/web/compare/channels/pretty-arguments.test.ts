import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { prettyArguments } from '../../../../web/compare/channels/pretty-arguments.ts'

describe('the arguments of a call', () => {
  test('are indented as JSON is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const sent = JSON.stringify(value, null, space)
        expect(prettyArguments(sent)).toBe(JSON.stringify(value, null, 2))
      }),
    )
  })

  test('keep every character of strings, and all others but spaces, wherever they break off', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
        const sent = JSON.stringify(value)
        const prefix = sent.slice(0, cut % (sent.length + 1))
        const shown = prettyArguments(prefix)
        expect(shown.replace(/\s/g, '')).toBe(prefix.replace(/\s/g, ''))
        expect(JSON.stringify(value, null, 2).startsWith(shown)).toBe(true)
      }),
    )
  })

  test('are as they came where they are no JSON', () => {
    expect(prettyArguments('the city of Ghent')).toBe('the city of Ghent')
    expect(prettyArguments(']}')).toBe('\n]\n}')
    expect(prettyArguments('')).toBe('')
  })
})
