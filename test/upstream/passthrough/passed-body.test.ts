import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incomingJson, outgoingJson } from '../../../src/upstream/passthrough/passed-body.ts'

function bytes(text: string) {
  return new TextEncoder().encode(text)
}
function text(data: Uint8Array) {
  return new TextDecoder().decode(data)
}
const name = fc.oneof(fc.constantFrom('model', 'costeer', 'response', 'messages'), fc.string())
const { object: jsonObject } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie('object'),
    tie('array'),
  ),
  array: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))
const space = fc.constantFrom(undefined, 1, '\t')
/** JSON has no NaN or Infinity; what `JSON.stringify` makes of them is what counts. */
function plain(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value))
}

describe('a JSON request that is passed on', () => {
  test("gets the server's model name and loses the costeer field, and nothing else", () => {
    fc.assert(
      fc.property(jsonObject, fc.string(), space, (value, model, indent) => {
        const { costeer: _gone, ...rest } = plain(value)
        const sent = JSON.parse(text(outgoingJson(bytes(JSON.stringify(value, null, indent)), model)))
        expect(sent).toEqual({ ...rest, model })
        const unnamed = JSON.parse(text(outgoingJson(bytes(JSON.stringify(value, null, indent)), null)))
        expect(unnamed).toEqual(rest)
      }),
    )
  })

  test.each([
    [
      '{"seed":123456789012345678901234567890,"model":"a","x":1.0}',
      '{"seed":123456789012345678901234567890,"model":"up","x":1.0}',
    ],
    ['{ "costeer" : {"profile":"ann"} , "model":"a"}', '{ "model":"up"}'],
    ['{"model":"a","costeer":{"a":"}"}}', '{"model":"up"}'],
    ['{"a":1,"costeer":1,"b":2,"costeer":2}', '{"model":"up","a":1,"b":2}'],
    ['{"costeer":1,"costeer":2}', '{"model":"up"}'],
    ['{"costeer":1,"costeer":2,"b":3}', '{"model":"up","b":3}'],
    ['{"mod\\u0065l":"a"}', '{"mod\\u0065l":"up"}'],
    ['{"a":{"model":"inner","costeer":1}}', '{"model":"up","a":{"model":"inner","costeer":1}}'],
    ['[1]', '[1]'],
    ['{"model":', '{"model":'],
  ])('keeps every other byte: %s', (received, sent) => {
    expect(text(outgoingJson(bytes(received), 'up'))).toBe(sent)
  })
})

describe('a reply that is passed back', () => {
  test("names the client's model wherever the reply does", () => {
    fc.assert(
      fc.property(jsonObject, fc.string(), (value, model) => {
        const expected = plain(value)
        if (typeof expected.model === 'string') expected.model = model
        const inner = expected.response as Record<string, unknown> | null | undefined
        if (typeof inner === 'object' && inner !== null && typeof inner.model === 'string')
          inner.model = model
        if (typeof inner?.response === 'object' && inner.response !== null) return
        expect(JSON.parse(text(incomingJson(bytes(JSON.stringify(value)), model)))).toEqual(expected)
      }),
    )
  })
})
