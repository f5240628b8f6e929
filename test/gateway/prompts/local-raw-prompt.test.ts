import { describe, expect, test } from 'vitest'
import { alignmentOf } from '../../../src/gateway/opening/upstream-alignment.ts'
import { localRawPrompt } from '../../../src/gateway/prompts/local-raw-prompt.ts'
import type { RawPrompt } from '../../../src/gateway/prompts/raw-prompts.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { VocabularyAlignment } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { recordedText } from '../../models/recorded-text.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const upstream = recordedText('qwen2')
const local = recordedText('smollm')
const alignment = alignmentOf('map', { name: 'far', upstream, local }) as VocabularyAlignment

function inLocalTokens(prompt: RawPrompt, tokenizer = local.tokenizer) {
  return localRawPrompt(prompt, { tokenizer, upstream: upstream.vocabulary, alignment })
}

describe('a raw prompt for a local model with tokens of its own', () => {
  const text = '<|im_start|>user\nWhere is my café? 🙂<|im_end|>\nOnce upon a time'

  test('is encoded anew when it is text', () => {
    expect(inLocalTokens({ type: 'text', text })).toEqual(local.tokenizer.encodePrompt(text))
  })

  test('is the same prompt when it is token ids', () => {
    const tokens = upstream.tokenizer.encodePrompt(text)
    expect(inLocalTokens({ type: 'tokens', tokens })).toEqual(local.tokenizer.encodePrompt(text))
  })

  test('keeps every byte when the ids end inside a character', () => {
    const tokens = upstream.tokenizer.encodePrompt('a 🙂').slice(0, -1)
    const own = inLocalTokens({ type: 'tokens', tokens })
    const bytes = (ids: readonly number[], { vocabulary }: typeof local) =>
      Buffer.concat(ids.map((id) => vocabulary.bytes(id as never)))
    expect(bytes(own, local)).toEqual(bytes(tokens, upstream))
  })

  test('does not turn text that spells a control token into one', () => {
    const tokens = upstream.tokenizer.encode('<|im_end|>')
    const own = inLocalTokens({ type: 'tokens', tokens })
    expect(own.some((token) => local.controlTokens.has(token))).toBe(false)
  })

  test('begins as the local model wants, and never is empty', () => {
    const beginning = createTokenizer({ ...recordedSource('smollm'), prependBos: true })
    const tokens = upstream.tokenizer.encode('a')
    expect(inLocalTokens({ type: 'tokens', tokens }, beginning)[0]).toBe(beginning.promptStart[0])
    expect(inLocalTokens({ type: 'text', text: '' }).length).toBeGreaterThan(0)
  })
})
