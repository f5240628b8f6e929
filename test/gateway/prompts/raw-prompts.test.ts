import { describe, expect, test } from 'vitest'
import { encodeRawPrompt, steeredRawPrompts } from '../../../src/gateway/prompts/raw-prompts.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import { type TokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const vocabulary = createVocabulary(recordedSource('smollm'))
function textOf(tokens: readonly TokenId[]) {
  return Buffer.concat(tokens.map((token) => vocabulary.bytes(token))).toString()
}

describe.each([false, true])('raw prompts of a model that begins with BOS: %s', (prependBos) => {
  const tokenizer = createTokenizer({ ...recordedSource('smollm'), prependBos })
  const window = { tokenizer, vocabulary, contextTokens: 4000, maxTokens: 16 }
  const encode = (text: string) => encodeRawPrompt({ type: 'text', text }, { tokenizer, vocabulary })

  test('the profile stands before the same tokens, and only in one of the two', () => {
    const profile = sampleProfile()
    const prompt = encode('Dear all, my weekend was')
    const prompts = steeredRawPrompts(prompt, profile, window)
    expect(prompts.without).toEqual(prompt)
    const own = prompt.slice(tokenizer.promptStart.length)
    expect(prompts.with.slice(-own.length)).toEqual(own)
    expect(prompts.with.slice(0, tokenizer.promptStart.length)).toEqual(tokenizer.promptStart)
    expect(prompts.with.filter((token) => token === tokenizer.promptStart[0])).toHaveLength(
      prependBos ? 1 : 0,
    )
    expect(textOf(prompts.with)).toContain(profile.name)
    expect(textOf(prompts.with)).toMatch(/\n\nDear all, my weekend was$/)
  })

  test('token ids are taken as they are', () => {
    const prompt = encodeRawPrompt({ type: 'tokens', tokens: [5, 6, 7] }, { tokenizer, vocabulary })
    expect(prompt).toEqual(tokenIds([5, 6, 7]))
    const prompts = steeredRawPrompts(prompt, sampleProfile(), window)
    expect(prompts.with.slice(-3)).toEqual([5, 6, 7])
  })

  test('token ids outside the vocabulary are refused by name', () => {
    for (const tokens of [[vocabulary.size], [0, -1]]) {
      expect(() => encodeRawPrompt({ type: 'tokens', tokens }, { tokenizer, vocabulary })).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'prompt' }),
      )
    }
  })

  test('a profile that leaves no room is shortened, and a prompt that leaves none is refused', () => {
    const prompt = encode('Once upon a time. '.repeat(20))
    const room = (contextTokens: number) =>
      steeredRawPrompts(prompt, sampleProfile(), { ...window, contextTokens })
    const whole = room(4000).with.length
    const shortened = room(whole - 10)
    expect(shortened.with.length).toBeLessThanOrEqual(whole - 10 - window.maxTokens)
    expect(() => room(prompt.length + 20)).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    )
  })
})

test('an empty prompt is refused where nothing begins it', () => {
  const tokenizer = createTokenizer(recordedSource('smollm'))
  expect(() => encodeRawPrompt({ type: 'text', text: '' }, { tokenizer, vocabulary })).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'prompt' }),
  )
})
