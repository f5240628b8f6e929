import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callArguments, callArgumentsText } from '../../../../src/steer/channels/tool-calls/call-arguments.ts'

describe('arguments', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        expect(callArguments(callArgumentsText(given))).toEqual(JSON.parse(JSON.stringify(given)))
      }),
    )
  })

  test.each([undefined, null, {}])('that are %j are those of a call without any', (given) => {
    expect(callArguments(callArgumentsText(given))).toEqual({})
  })

  test('that are an empty text are none', () => {
    expect(callArguments('')).toEqual({})
  })

  test.each(['{"city":"Os', '[1]', '"text"', '7', 'null', ' '])('that are %j are no object', (json) => {
    expect(callArguments(json)).toBeNull()
  })
})
