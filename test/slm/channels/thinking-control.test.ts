import { describe, expect, test } from 'vitest'
import { noThinkingControl, thinkingControl } from '../../../src/slm/channels/thinking-control.ts'
import { channelGrammar } from '../../../src/steer/channels/channel-families.ts'
import { tokenId } from '../../../src/steer/token-id.ts'

const bos = tokenId(999)
const tokenizer = {
  promptStart: [bos],
  encodePrompt(text: string) {
    return [bos, ...Array.from(text, (character) => tokenId(character.charCodeAt(0)))]
  },
}
const TURNS = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>'
function controlOf(template: string | null) {
  return thinkingControl({ template, grammar: channelGrammar('qwen3'), tokenizer })
}
function written(ids: readonly number[]) {
  return String.fromCharCode(...ids)
}

describe('what switches thinking off', () => {
  test("is the template's argument alone where the template then leaves no block open", () => {
    const { switch: found, ending } = controlOf(
      `${TURNS}{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}`,
    )
    expect([found.arguments?.off, ending]).toEqual([{ enable_thinking: false }, []])
  })

  test('is the end of the block where the template opens it whatever it is told', () => {
    const { switch: found, ending } = controlOf(`${TURNS}{{ '<think>\n' }}`)
    expect(found.arguments).toBeNull()
    expect(written(ending)).toBe('\n</think>\n\n')
  })

  test('is nothing for a model that does not think, or has no template that can be read', () => {
    expect(controlOf(TURNS)).toEqual(noThinkingControl)
    expect(controlOf(null)).toEqual(noThinkingControl)
    expect(controlOf('{% if %}')).toEqual(noThinkingControl)
  })
})
