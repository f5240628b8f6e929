import { describe, expect, test } from 'vitest'
import { recogniseChannels } from '../../../src/slm/channels/recognise-channels.ts'
import { textVocabulary } from '../../steer/alignment/text-vocabulary.ts'

const plainTokens = textVocabulary(['<s>', 'a', 'b'])
const thinkTokens = textVocabulary(['<s>', '<think>', '</think>'])

function recognised(template: string, tokens = plainTokens) {
  const found = recogniseChannels({ template, tokens })
  return found.ok ? found.grammar.name : found.reason
}

/** What tells each family, in templates of our own. */
const families: readonly (readonly [family: string, template: string, grammar: string])[] = [
  ['a model that only chats', '{% for m in messages %}[{{ m.content }}]{% endfor %}', 'none+none'],
  [
    'Qwen2.5, Hermes',
    '{% if tools %}Return <tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call>{% endif %}',
    'none+hermes',
  ],
  [
    'Qwen3',
    '{% if tools %}<tool_call>{\\"name\\": …, \\"arguments\\": …}{% endif %}{% if enable_thinking is false %}<think></think>{% endif %}',
    'think+hermes',
  ],
  [
    'Qwen3.5, Nemotron 3',
    '{% if tools %}<tool_call>\n<function=a>\n<parameter=b>{% endif %}<think>{{ thoughts }}</think>',
    'think+qwen3.5',
  ],
  ['Qwen3-Coder', '{% if tools %}<tool_call>\n<function=a>\n<parameter=b>{% endif %}', 'none+qwen3-coder'],
  [
    'GLM',
    '{% if tools %}<tool_call>{f}\n<arg_key>{k}</arg_key>\n<arg_value>{v}</arg_value>{% endif %}</think>',
    'think+glm',
  ],
  ['DeepSeek R1, V3.1', "{{ '<｜tool▁calls▁begin｜>' }}{{ '<think>' }}", 'think+deepseek'],
  ['DeepSeek V3.2', "{% set dsml = '｜DSML｜' %}<{{ dsml }}function_calls><think>", 'think+dsml'],
  ['DeepSeek V4', "{% set dsml = '｜DSML｜' %}<{{ dsml }}tool_calls></think>", 'think+dsml-v4'],
  ['Mistral', "{{ '[TOOL_CALLS]' + name + '[ARGS]' }}", 'none+mistral'],
  ['Magistral, Ministral', "{{ '[THINK]' }}{{ '[TOOL_CALLS]' }}", 'mistral+mistral'],
  ['Gemma 4', "{{ '<|channel>thought\n' }}{{ '<|tool_call>call:' }}", 'gemma4+gemma4'],
  ['Seed-OSS', "{% set open = '<seed:think>' %}{% set call = '<seed:tool_call>' %}", 'seed-oss+seed-oss'],
  ['Nemotron Nano 2', '{% if tools %}<TOOLCALL>[]</TOOLCALL>{% endif %}<think>', 'think+nemotron'],
  ['Kimi K2', '<|tool_calls_section_begin|><|tool_call_argument_begin|><think>', 'think+kimi'],
  [
    'Llama 3',
    '<|start_header_id|>ipython<|end_header_id|>{% if tools %}{"name": f, "parameters": p}{% endif %}{{ \'{"name": "\' }}{{ \'"parameters": \' }}',
    'none+llama3',
  ],
  ['gpt-oss', '<|start|>assistant<|channel|>final<|message|>', 'harmony'],
]

describe('the channels of a model', () => {
  test.each(families)('are recognised: %s', (_, template, grammar) => {
    expect(recognised(template)).toBe(grammar)
  })

  test('hold thoughts where the vocabulary has tokens for them, whatever the template says', () => {
    expect(recognised('{{ messages }}', thinkTokens)).toBe('think+none')
    expect(recognised('{{ messages }}', plainTokens)).toBe('none+none')
  })

  test('are known but for the tools where these are called in an unknown way', () => {
    expect(recognised('{% if tools %}Call them somehow.{% endif %}<think>')).toBe('think+unknown')
    expect(recognised('{% if tools %}<tool_call><invoke name="x">{% endif %}<think>')).toBe('think+unknown')
  })

  test('are refused where the model thinks in an unknown way, or wraps its answer', () => {
    expect(recognised('{% if enable_thinking %}<|START_THINKING|>{% endif %}')).toBe('unknown-thinking')
    expect(recognised('{{ message.reasoning_content }}')).toBe('unknown-thinking')
    expect(recognised('Think in <think></think>, answer in <response></response>.')).toBe('unknown-thinking')
    expect(recognised('{# chat_format=llm-jp-harmony-v1 #}<|channel|>final<|message|>')).toBe(
      'unknown-thinking',
    )
  })
})
