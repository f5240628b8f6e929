import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { libraryEncoder } from '../../../src/slm/encoding/library-encoder.ts'
import { createPlainEncoder } from '../../../src/slm/encoding/plain-encoder.ts'
import type { TokenizerJson, TokenizerSource } from '../../../src/slm/tokenizer-files/tokenizer-source.ts'
import { recordedSource } from '../text/recorded-tokenizers.ts'

/** A recorded tokenizer with other parts of `tokenizer.json`. */
function changed(
  name: Parameters<typeof recordedSource>[0],
  { model, ...parts }: Partial<TokenizerJson>,
): TokenizerSource {
  const source = recordedSource(name)
  const own = source.tokenizerJson
  return {
    ...source,
    tokenizerJson: { ...own, ...parts, model: { ...own.model, ...model } as TokenizerJson['model'] },
  }
}

function withModel(name: Parameters<typeof recordedSource>[0], model: object): TokenizerSource {
  return changed(name, { model: model as TokenizerJson['model'] })
}

function added(content: string, traits: object) {
  return { content, special: false, lstrip: false, rstrip: false, ...traits }
}

const sources: readonly (readonly [string, TokenizerSource])[] = [
  ['the recorded SmolLM2', recordedSource('smollm')],
  ['the recorded Qwen', recordedSource('qwen2')],
  ['the recorded SentencePiece', recordedSource('sentencepiece')],
  ['a tokenizer that takes words of its vocabulary whole', withModel('qwen2', { ignore_merges: true })],
  ['a SentencePiece one that does', withModel('sentencepiece', { ignore_merges: true })],
  ['a tokenizer whose unknown texts become one token', withModel('sentencepiece', { byte_fallback: false })],
  ['one where each becomes a token', withModel('sentencepiece', { byte_fallback: false, fuse_unk: false })],
  ['one that drops them', withModel('sentencepiece', { byte_fallback: false, unk_token: null })],
  [
    'a tokenizer that puts a space first',
    changed('smollm', { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, use_regex: true } }),
  ],
  [
    'a tokenizer with several normalizers',
    changed('sentencepiece', {
      normalizer: {
        type: 'Sequence',
        normalizers: [{ type: 'NFKC' }, { type: 'Replace', pattern: { String: 'e' }, content: 'ee' }],
      },
    }),
  ],
  [
    'a tokenizer with added tokens that take white space or are normalized',
    changed('qwen2', {
      added_tokens: [
        ...recordedSource('qwen2').tokenizerJson.added_tokens,
        { id: 424, ...added('[left]', { lstrip: true, normalized: false }) },
        { id: 425, ...added('[right]', { rstrip: true, normalized: true }) },
        { id: 426, ...added('e\u0301=', { normalized: true }) },
        { id: 427, ...added('[left', { normalized: false }) },
        { id: 428, ...added('  ', { normalized: false }) },
      ],
    }),
  ],
  [
    'a tokenizer that drops what it splits at',
    changed('qwen2', {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { String: 'x' }, behavior: 'Removed', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
        ],
      },
    }),
  ],
]

// The library exchanges the noncharacter that its encoder needs for itself.
const anyText = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\ufdd0'))
const fragment = fc.constantFrom(
  ...[' ', '\n', '\t', '=', '-', 'a', 'the ', 'ing', 'e\u0301', '\u0315\u0300', '😀', '的', '1', '\r\n', 'x'],
  ...['<tool>', '[left]', '[right]', ' [left', '\u2581', '\ufeff', '\u0085', '\ud800', '\udc00', '\0', 'ﬁ'],
)
const repeated = fc.tuple(fragment, fc.integer({ min: 1, max: 120 }))
const adversarial = fc
  .array(repeated, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.map(([text, times]) => text.repeat(times)).join(''))

describe.each(sources)('%s', (_, source) => {
  const encode = createPlainEncoder(source)
  const library = libraryEncoder(source)

  test('encodes any text as the library alone does, first in a prompt or not', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, first) => {
        expect(encode(text, { first })).toEqual(library(text, { first }))
      }),
      { numRuns: 200 },
    )
  })

  test('encodes long runs of the same text as the library alone does', () => {
    fc.assert(
      fc.property(adversarial, fc.boolean(), (text, first) => {
        expect(encode(text, { first })).toEqual(library(text, { first }))
      }),
      { numRuns: 60 },
    )
  })
})

test('refuses a vocabulary that covers neither a text nor unknown text', () => {
  const encode = createPlainEncoder(
    withModel('sentencepiece', { byte_fallback: false, unk_token: '<missing>' }),
  )
  expect(() => encode('\u{1f9ff}', { first: true })).toThrow(
    expect.objectContaining({ code: 'model_file_invalid' }),
  )
})

test('encodes the noncharacter that the library alone cannot', () => {
  const encode = createPlainEncoder(recordedSource('qwen2'))
  expect(encode('\ufdd0', { first: true })).toHaveLength(3)
  expect(encode('\ufdd0', { first: true })).not.toEqual(encode('\ufffd', { first: true }))
})
