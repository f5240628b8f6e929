import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonCalls } from '../../../../src/steer/channels/tool-calls/json-calls.ts'
import { readBlock } from './read-block.ts'

function read(...pieces: string[]) {
  return readBlock(new JsonCalls(() => true), pieces)
}

describe('calls in JSON', () => {
  test('pass arguments on as they are written, before the call is complete', () => {
    const reader = new JsonCalls(() => true)
    expect(reader.push('{"name": "a", "arguments": {"x" : [1,')).toEqual([
      { type: 'call-start', name: 'a', id: null },
      { type: 'call-arguments', text: '{"x" : [1,' },
    ])
    expect(reader.push(' 2]}}')).toEqual([{ type: 'call-arguments', text: ' 2]}' }, { type: 'call-end' }])
  })

  test.each([
    ['parameters for arguments', '{"name":"a","parameters":{"x":1}}', ['a({"x":1})']],
    ['arguments before the name', '{"arguments":{"x":1},"name":"a"}', ['a({"x":1})']],
    ['arguments in a string', '{"name":"a","arguments":"{\\"x\\":1}"}', ['a({"x":1})']],
    ['an id in front', '{"id":"7","name":"a","arguments":{}}', ['7=a({})']],
    ['no arguments', '{"name":"a"}', ['a({})']],
    ["OpenAI's wrapper", '{"type":"function","function":{"name":"a","arguments":{"x":1}}}', ['a({"x":1})']],
    ['a function by name', '{"type":"function","function":"a","parameters":{"x":1}}', ['a({"x":1})']],
    ['other members', '{"why":{"name":"b"},"n":-1.5e3,"name":"a","ok":true,"arguments":{}}', ['a({})']],
    ['a list', '[{"name":"a","arguments":{}}, {"name":"b","arguments":{}}]', ['a({})', 'b({})']],
    ['calls one behind the other', '{"name":"a"}\n{"name":"b"}; {"name":"c"}', ['a({})', 'b({})', 'c({})']],
    ['escapes in names', '{"na\\u006de":"\\u00e9","arguments":{}}', ['é({})']],
    ['brackets in strings', '{"name":"a","arguments":{"x":"}]\\\\\\"{"}}', ['a({"x":"}]\\\\\\"{"})']],
  ])('may have %s', (_, text, calls) => {
    expect(read(text)).toEqual({ calls, failed: false })
    expect(read(...text)).toEqual({ calls, failed: false })
  })

  test.each([
    ['text', 'get_weather()'],
    ['nothing', ''],
    ['white space', ' \n'],
    ['an object without a name', '{"arguments":{}}'],
    ['a name that is no string', '{"name":{"a":1},"arguments":{}}'],
    ['an empty name', '{"name":"","arguments":{}}'],
    ['keys without quotation marks', '{name:"a"}'],
    ['an object that was cut off before its name', '{"arguments":{"x":1}'],
  ])('are none in %s', (_, text) => {
    expect(read(...text)).toEqual({ calls: [], failed: true })
  })

  test('end where their JSON breaks, and what follows is nobody’s', () => {
    expect(read('{"name":"a","arguments":{}} oh {"name":"b"}')).toEqual({ calls: ['a({})'], failed: false })
    expect(read('{"name":"a", oops}')).toEqual({ calls: ['a()'], failed: false })
    expect(read('{"name":"a","arguments":{"x":')).toEqual({ calls: ['a({"x":)'], failed: false })
  })

  test('are only those of tools, where a reader knows them', () => {
    const isTool = (name: string) => name === 'a'
    expect(readBlock(new JsonCalls(isTool), ['{"name":"b","arguments":{}}']).failed).toBe(true)
    expect(readBlock(new JsonCalls(isTool), ['{"name":"a"}']).calls).toEqual(['a({})'])
  })

  test('are read the same in any pieces', () => {
    fc.assert(
      fc.property(
        fc.object(),
        fc.object(),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        (x, y, lengths) => {
          const text = JSON.stringify([
            { name: 'a', arguments: x },
            { arguments: y, name: 'b', id: 'z' },
          ])
          const pieces: string[] = []
          for (let at = 0; at < text.length; ) {
            const length = lengths.next().value
            pieces.push(text.slice(at, at + length))
            at += length
          }
          const calls = [`a(${JSON.stringify(x)})`, `b(${JSON.stringify(y)})`]
          expect(read(...pieces)).toEqual({ calls, failed: false })
        },
      ),
    )
  })
})
