import { describe, expect, test } from 'vitest'
import { createVocabulary, vocabularyFingerprint } from '../../../src/slm/text/vocabulary.ts'
import { tokenStrings } from '../../../src/slm/tokenizer-files/tokenizer-source.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { recordedSource } from './recorded-tokenizers.ts'

function idOf(source: ReturnType<typeof recordedSource>, token: string) {
  return tokenId(tokenStrings(source.tokenizerJson).indexOf(token))
}

describe('vocabulary', () => {
  test('gives every byte of the byte-level alphabet exactly once among single-character tokens', () => {
    const source = recordedSource('smollm')
    const vocabulary = createVocabulary(source)
    const bytes = tokenStrings(source.tokenizerJson)
      .flatMap((token, id) => (token?.length === 1 ? [vocabulary.bytes(tokenId(id))] : []))
      .map(([byte]) => byte ?? -1)
    expect([...bytes].sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, byte) => byte))
  })

  test('gives the bytes of SentencePiece tokens', () => {
    const source = recordedSource('sentencepiece')
    const vocabulary = createVocabulary(source)
    expect(Array.from(vocabulary.bytes(idOf(source, '<0xE2>')))).toEqual([0xe2])
    expect(Buffer.from(vocabulary.bytes(idOf(source, 'd▁the▁'))).toString()).toBe('d the ')
  })

  test('gives no bytes for control tokens and the text of other added tokens', () => {
    const source = recordedSource('qwen2')
    const vocabulary = createVocabulary(source)
    expect(vocabulary.bytes(idOf(source, '<|im_start|>')).length).toBe(0)
    expect(Buffer.from(vocabulary.bytes(idOf(source, '<tool>'))).toString()).toBe('<tool>')
    expect(vocabulary.bytes(tokenId(100_000)).length).toBe(0)
  })

  test('ends at the named end tokens and at the one that the chat template writes', () => {
    const source = { ...recordedSource('qwen2'), endTokenIds: [7] }
    const expected = [7, idOf(source, '<|endoftext|>'), idOf(source, '<|im_end|>')]
    expect(createVocabulary(source).endTokens).toEqual(new Set(expected))
  })

  test('counts the rows of the output head', () => {
    const source = recordedSource('qwen2')
    expect(createVocabulary(source).size).toBe(424)
    expect(createVocabulary({ ...source, modelVocabularySize: 512 }).size).toBe(512)
  })
})

describe('vocabularyFingerprint', () => {
  test('tells vocabularies apart by text, order and gaps', () => {
    const lists = [['a', 'b'], ['b', 'a'], ['ab'], ['a', undefined, 'b'], ['a\n', 'b'], ['a', '\nb']]
    expect(new Set(lists.map(vocabularyFingerprint)).size).toBe(lists.length)
  })

  test('does not depend on padding at the end', () => {
    expect(vocabularyFingerprint(['a', 'b', undefined, undefined])).toBe(vocabularyFingerprint(['a', 'b']))
  })

  test('counts GGUF padding tokens as unused', () => {
    const json = { model: { vocab: { a: 0, '[PAD1]': 1 } }, added_tokens: [] }
    expect(tokenStrings(json)).toEqual(['a', undefined])
  })
})
