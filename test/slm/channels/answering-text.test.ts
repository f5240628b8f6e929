import { describe, expect, test } from 'vitest'
import { answeringText } from '../../../src/slm/channels/answering-text.ts'
import { foregroundTokenizer } from '../../../src/slm/encoding-thread/background-tokenizer.ts'
import type { EncodeChatOptions, Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { letterVocabulary } from '../../steer/table-models.ts'

const seen: (EncodeChatOptions | undefined)[] = []
const tokenizer: Tokenizer = {
  promptStart: [],
  encode: () => [tokenId(1)],
  encodePrompt: (text) => Array.from(text, () => tokenId(2)),
  encodeChat(_, options) {
    seen.push(options)
    return [tokenId(3)]
  },
}
function textWith(chatTemplate: string | null) {
  const background = foregroundTokenizer(tokenizer)
  return { tokenizer, background, chatTemplate, vocabulary: letterVocabulary(9), controlTokens: new Map() }
}
const question = [{ role: 'user', content: 'a' }] as const

describe("the local model's text", () => {
  test('stays as it is for a model that does not think', () => {
    for (const template of [null, '{{ messages[0].content }}']) {
      const text = textWith(template)
      expect(answeringText(text)).toBe(text)
    }
  })

  test('has thinking switched off by its template, in both of its tokenizers', async () => {
    const text = answeringText(
      textWith('{{ messages[0].content }}{% if enable_thinking is false %}<think></think>{% endif %}'),
    )
    text.tokenizer.encodeChat(question, { atMost: 5 })
    await text.background.run((inner) => inner.encodeChat(question))
    const templateKwargs = { enable_thinking: false }
    expect(seen.slice(-2)).toEqual([{ atMost: 5, templateKwargs }, { templateKwargs }])
  })

  test('closes a block of thoughts that the template opens whatever it is told', () => {
    const text = answeringText(textWith('{{ messages[0].content }}<think>'))
    expect(text.tokenizer.encodeChat(question)).toEqual([3, ...Array.from('</think>', () => 2)])
    expect(text.tokenizer.encode('a')).toEqual([1])
  })
})
