import { Template } from '@huggingface/jinja'
import { describe, expect, test } from 'vitest'
import { endOfThinking, thinkingSwitch } from '../../../src/slm/channels/thinking-switch.ts'
import { channelGrammar } from '../../../src/steer/channels/channel-families.ts'
import type { ChannelGrammar } from '../../../src/steer/channels/channel-grammar.ts'

function switchOf(source: string) {
  const template = new Template(source)
  return thinkingSwitch((extra) => template.render({ messages: [], add_generation_prompt: true, ...extra }))
}

describe('the switch of thinking', () => {
  test('is the argument that changes what the template writes', () => {
    const asked =
      'assistant{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}'
    expect(switchOf(asked)).toEqual({
      arguments: { off: { enable_thinking: false }, on: { enable_thinking: true } },
      hasEffort: false,
    })
    const asksOther = '{% if thinking is defined and thinking %}<think>{% else %}</think>{% endif %}'
    expect(switchOf(asksOther).arguments?.off).toEqual({ thinking: false })
    const asksBudget = '{% if thinking_budget == 0 %}Do not think.{% endif %}'
    expect(switchOf(asksBudget).arguments?.off).toEqual({ thinking_budget: 0 })
  })

  test('is none where no known argument changes anything, though an effort may', () => {
    expect(switchOf('assistant<think>')).toEqual({ arguments: null, hasEffort: false })
    expect(switchOf('Reasoning: {{ reasoning_effort }}').hasEffort).toBe(true)
  })

  test('is none where the template cannot be rendered', () => {
    expect(switchOf('{{ raise_exception("no") }}')).toEqual({ arguments: null, hasEffort: false })
  })
})

describe('the end of thinking', () => {
  const end = (name: string, prompt: string) => endOfThinking(prompt, channelGrammar(name) as ChannelGrammar)

  test('closes a block that the prompt has opened, in lines where it stands in lines', () => {
    expect(end('deepseek-r1', '<｜Assistant｜><think>\n')).toBe('\n</think>\n\n')
    expect(end('deepseek-v3.1', '<｜Assistant｜><think>')).toBe('</think>')
    expect(end('gemma4', '<|turn>model\n<|channel>thought\n')).toBe('\n<channel|>\n\n')
  })

  test('names the final channel where harmony names none', () => {
    expect(end('gpt-oss', '<|end|><|start|>assistant')).toBe('<|channel|>final<|message|>')
    expect(end('gpt-oss', '<|start|>assistant<|channel|>final<|message|>')).toBe('')
  })

  test('is nothing where no block is open', () => {
    expect(end('qwen3', '<|im_start|>assistant\n')).toBe('')
    expect(end('qwen3', '<|im_start|>assistant\n<think>\n\n</think>\n\n')).toBe('')
    expect(end('llama3', '<|end_header_id|>\n\n')).toBe('')
  })
})
