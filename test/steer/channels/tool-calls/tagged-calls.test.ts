import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { channelGrammar } from '../../../../src/steer/channels/channel-families.ts'
import { TaggedCalls } from '../../../../src/steer/channels/tool-calls/tagged-calls.ts'
import type { CallTags } from '../../../../src/steer/channels/tool-calls/tool-call-syntax.ts'
import { readBlock } from './read-block.ts'

function tagsOf(family: string): CallTags {
  const grammar = channelGrammar(family)
  if (grammar?.type !== 'tags' || typeof grammar.tools === 'string') throw new Error('no tools')
  if (grammar.tools.body.type !== 'tagged') throw new Error('no tags')
  return grammar.tools.body.tags
}

const tools = new Map<string, unknown>([
  [
    'f',
    {
      properties: {
        text: { type: 'string' },
        count: { type: ['integer', 'null'] },
        any: {},
        list: { type: 'array' },
        level: { enum: ['low', 3] },
      },
    },
  ],
])

function read(family: string, text: string) {
  const whole = readBlock(new TaggedCalls(tagsOf(family), { opener: '', tools }), [text])
  expect(readBlock(new TaggedCalls(tagsOf(family), { opener: '', tools }), [...text])).toEqual(whole)
  return whole
}

function inLines(parameters: string): string {
  return `<function=f>\n${parameters}</function>\n`
}

describe('calls in tags', () => {
  test('pass strings on before they are complete, but for what may be the closing tag', () => {
    const reader = new TaggedCalls(tagsOf('qwen3-coder'), { opener: '', tools })
    const texts = (piece: string) =>
      reader.push(piece).map((part) => (part.type === 'call-arguments' ? part.text : part.type))
    expect(texts('<function=f>\n<parameter=text>\nHello')).toEqual(['call-start', '{', '"text":', '"Hello'])
    expect(texts(' wor\n</par')).toEqual([' wor'])
    expect(texts('ty>\n')).toEqual(['\\n</party>'])
    expect(texts('</parameter>\n</function>')).toEqual(['"', '}', 'call-end'])
  })

  test.each([
    ['5', '5'],
    ['None', 'null'],
    ['five', '"five"'],
    ['"5"', '"\\"5\\""'],
  ])('take %s for a count, or for a string where it cannot be one', (value, json) => {
    expect(read('qwen3-coder', inLines(`<parameter=count>\n${value}\n</parameter>\n`)).calls).toEqual([
      `f({"count":${json}})`,
    ])
  })

  test.each([
    ['any', '{"a": [1]}', '{"a": [1]}'],
    ['any', 'a "b"', '"a \\"b\\""'],
    ['any', '"quoted"', '"\\"quoted\\""'],
    ['list', '[1,\n2]', '[1,\n2]'],
    ['level', 'low', '"low"'],
    ['level', '3', '3'],
    ['level', 'true', '"true"'],
    ['unknown', '3', '"3"'],
  ])('type %s by its schema: %s', (key, value, json) => {
    expect(read('qwen3-coder', inLines(`<parameter=${key}>\n${value}\n</parameter>\n`)).calls).toEqual([
      `f({"${key}":${json}})`,
    ])
  })

  test('lose one line break at each end of a value, and no other white space', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\n', ' ', 'a', '<', '/', '"', 'é') }), (value) => {
        const block = inLines(`<parameter=text>\n${value}\n</parameter>\n`)
        expect(read('qwen3-coder', block).calls).toEqual([`f({"text":${JSON.stringify(value)}})`])
      }),
    )
  })

  test('may stand on one line, and miss their last tags', () => {
    expect(read('seed-oss', '<function=f><parameter=text>a</parameter></function>').calls).toEqual([
      'f({"text":"a"})',
    ])
    expect(read('qwen3-coder', '<function=f>\n<parameter=text>\na\n</parameter>\n').calls).toEqual([
      'f({"text":"a"})',
    ])
    expect(read('qwen3-coder', '<function=f>\n<parameter=text>\na').calls).toEqual(['f({"text":"a"})'])
  })

  test('may be JSON after all', () => {
    expect(read('qwen3-coder', '\n{"name": "f", "arguments": {"text": "a"}}\n').calls).toEqual([
      'f({"text": "a"})',
    ])
    expect(read('glm', '{"name": "f", "arguments": {}}').calls).toEqual(['f({})'])
  })

  test('are told by DeepSeek which values are strings', () => {
    const parameter = (isString: boolean, value: string) =>
      `<｜DSML｜parameter name="count" string="${isString}">${value}</｜DSML｜parameter>\n`
    const block = (inside: string) => `\n<｜DSML｜invoke name="f">\n${inside}</｜DSML｜invoke>\n`
    expect(read('deepseek-v3.2', block(parameter(true, '5'))).calls).toEqual(['f({"count":"5"})'])
    expect(read('deepseek-v3.2', block(parameter(false, '5'))).calls).toEqual(['f({"count":5})'])
    expect(read('deepseek-v3.2', `${block('')}${block('')}`).calls).toEqual(['f({})', 'f({})'])
  })

  test.each([
    ['qwen3-coder', 'call f'],
    ['qwen3-coder', '<functio'],
    ['qwen3-coder', '<function=f'],
    ['qwen3-coder', '<function=>\n</function>'],
    ['glm', ' \n'],
  ])('are none where no name comes: %s %j', (family, text) => {
    expect(read(family, text)).toEqual({ calls: [], failed: true })
  })
})
