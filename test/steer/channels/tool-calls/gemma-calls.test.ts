import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GemmaCalls } from '../../../../src/steer/channels/tool-calls/gemma-calls.ts'
import { readBlock } from './read-block.ts'

const QUOTE = '<|"|>'

function read(text: string) {
  const whole = readBlock(new GemmaCalls(), [text])
  expect(readBlock(new GemmaCalls(), [...text])).toEqual(whole)
  return whole
}

/** A value as Gemma writes it. */
function written(value: unknown): string {
  if (typeof value === 'string') return `${QUOTE}${value}${QUOTE}`
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}:${written(inner)}`)
    .join(',')}}`
}

const text = fc.string({ unit: fc.constantFrom('a', '"', '<', '|', '>', '{', ',', ':', '\n', 'é', '\\') })
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.stringMatching(/^[a-z_]+$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

describe("Gemma's calls", () => {
  test('become JSON', () => {
    expect(read(`call:f{a:${QUOTE}x "y"${QUOTE}, n:-1.5 ,ok:true,z:null}`).calls).toEqual([
      'f({"a":"x \\"y\\"","n":-1.5,"ok":true,"z":null})',
    ])
    expect(read('call:f{}').calls).toEqual(['f({})'])
    expect(read(`call:f{${QUOTE}key${QUOTE}:bare}`).calls).toEqual(['f({"key":"bare"})'])
  })

  test('become the JSON that was meant, whatever it holds', () => {
    fc.assert(
      fc.property(value.object, (meant) => {
        // Gemma's quote cannot stand within a text
        fc.pre(!JSON.stringify(meant).includes(String.raw`|\"|`))
        const { calls } = readBlock(new GemmaCalls(), [...`call:f${written(meant)}`])
        expect(JSON.parse((calls[0] as string).slice(2, -1))).toEqual(meant)
      }),
    )
  })

  test('end where the answer ends', () => {
    expect(read(`call:f{a:${QUOTE}x`).calls).toEqual(['f({"a":"x)'])
    expect(read('call:f{a:1').calls).toEqual(['f({"a":)'])
  })

  test.each(['call:f', 'f{}', '', 'call:{}'])('are none without name and arguments: %j', (block) => {
    expect(read(block)).toEqual({ calls: [], failed: true })
  })
})
