import { describe, expect, test } from 'vitest'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'
import { tokenStrings } from '../../../src/slm/tokenizer-files/tokenizer-source.ts'
import { recordedSource, recordedTokenizers } from '../text/recorded-tokenizers.ts'

const { tokenizerJson, texts, chatTemplate } = recordedTokenizers.smollm
const tokens = tokenStrings(tokenizerJson).map((token) => token ?? '')
const added = new Map(tokenizerJson.added_tokens.map((token) => [token.id, token.special]))
const merges = tokenizerJson.model.merges as [string, string][]

const metadata = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'smollm',
  'tokenizer.ggml.tokens': [...tokens, '[PAD424]'],
  'tokenizer.ggml.token_type': [...tokens.map((_, id) => (added.has(id) ? (added.get(id) ? 3 : 4) : 1)), 5],
  'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
  'tokenizer.ggml.eos_token_id': tokens.indexOf('<|im_end|>'),
  'tokenizer.ggml.bos_token_id': tokens.indexOf('<|im_start|>'),
  'tokenizer.chat_template': chatTemplate,
}

describe('ggufTokenizerSource', () => {
  test('rebuilds a tokenizer that encodes as the reference does', () => {
    const tokenizer = createTokenizer(ggufTokenizerSource('m.gguf', metadata))
    for (const [text, ids] of texts) expect(tokenizer.encode(text)).toEqual(ids)
  })

  test('has the fingerprint of the same vocabulary in tokenizer.json', () => {
    const vocabulary = createVocabulary(ggufTokenizerSource('m.gguf', metadata))
    expect(vocabulary.fingerprint).toBe(createVocabulary(recordedSource('smollm')).fingerprint)
    expect(vocabulary.size).toBe(tokens.length + 1)
  })

  test("ends at the file's end token and at well-known ones", () => {
    const { endTokens } = createVocabulary(ggufTokenizerSource('m.gguf', metadata))
    expect(endTokens).toEqual(new Set([tokens.indexOf('<|im_end|>'), tokens.indexOf('<|endoftext|>')]))
  })

  test('writes BOS where the file asks for it and the template does not', () => {
    const asking = { ...metadata, 'tokenizer.ggml.bos_token_id': tokens.indexOf('<|endoftext|>') }
    const chat = (add: boolean) =>
      createTokenizer(
        ggufTokenizerSource('m', { ...asking, 'tokenizer.ggml.add_bos_token': add }),
      ).encodeChat([{ role: 'user', content: 'Hi' }])
    expect(chat(true)).toEqual([tokens.indexOf('<|endoftext|>'), ...chat(false)])
  })

  test.each([
    ['an unknown pre-tokenizer', { 'tokenizer.ggml.pre': 'mystery' }, 'mystery'],
    ['a tokenizer of another kind', { 'tokenizer.ggml.model': 'bert' }, 'byte-level'],
    ['missing token types', { 'tokenizer.ggml.token_type': undefined }, 'tokenizer.ggml.token_type'],
    ['too few token types', { 'tokenizer.ggml.token_type': [1] }, 'token type'],
  ])('refuses %s and says so', (_, change, word) => {
    const read = () => ggufTokenizerSource('m.gguf', { ...metadata, ...change })
    expect(read).toThrow(
      expect.objectContaining({ code: 'model_file_invalid', message: expect.stringContaining(word) }),
    )
  })
})
