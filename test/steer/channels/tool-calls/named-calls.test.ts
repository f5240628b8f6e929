import { describe, expect, test } from 'vitest'
import { channelGrammar } from '../../../../src/steer/channels/channel-families.ts'
import { openCallReader } from '../../../../src/steer/channels/tool-calls/open-call-reader.ts'
import { readBlock } from './read-block.ts'

function read(family: string, text: string) {
  const grammar = channelGrammar(family)
  if (grammar?.type !== 'tags' || typeof grammar.tools === 'string') throw new Error('no tools')
  const { tools } = grammar
  const open = () => openCallReader(tools, tools.open[0] as string, new Map())
  const whole = readBlock(open(), [text])
  expect(readBlock(open(), [...text])).toEqual(whole)
  return whole
}

describe('calls with their name in front', () => {
  test.each([
    ['mistral', 'a[ARGS]{"x": {"y": "}"}}', ['a({"x": {"y": "}"}})']],
    ['mistral', 'a{"x": 1}', ['a({"x": 1})']],
    ['mistral', ' a [ARGS] {}', ['a({})']],
    ['mistral', 'a[CALL_ID]123456789[ARGS]{}', ['123456789=a({})']],
    ['mistral', '[{"name": "a", "arguments": {}}]', ['a({})']],
    ['mistral', '{"name": "a", "arguments": {}}', ['a({})']],
    ['deepseek-v3.1', '<｜tool▁call▁begin｜>a<｜tool▁sep｜>{}<｜tool▁call▁end｜>', ['a({})']],
    [
      'deepseek-r1',
      '<｜tool▁call▁begin｜>function<｜tool▁sep｜>a\n```json\n{"x":1}\n```<｜tool▁call▁end｜>',
      ['a({"x":1})'],
    ],
    ['kimi-k2', '<|tool_call_begin|>functions.a:3<|tool_call_argument_begin|>{}', ['functions.a:3=a({})']],
  ])('are read as %s writes them: %s', (family, text, calls) => {
    expect(read(family, text)).toEqual({ calls, failed: false })
  })

  test('drop what stands behind their arguments without a header of its own', () => {
    expect(read('mistral', 'a[ARGS]{} and {"x": 1}').calls).toEqual(['a({})'])
    expect(read('mistral', 'a[ARGS]{}[TOOL_CALLS]b[ARGS]{}').calls).toEqual(['a({})', 'b({})'])
  })

  test('end where the answer ends', () => {
    expect(read('mistral', 'a[ARGS]{"x":').calls).toEqual(['a({"x":)'])
  })

  test.each([
    ['mistral', 'a[ARGS]'],
    ['mistral', 'some words {'],
    ['mistral', ''],
    ['deepseek-v3.1', 'a{}'],
  ])('are none without a header and arguments: %s %j', (family, text) => {
    expect(read(family, text)).toEqual({ calls: [], failed: true })
  })
})
