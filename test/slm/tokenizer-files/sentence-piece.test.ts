import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPlainEncoder } from '../../../src/slm/encoding/plain-encoder.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'
import { tokenId } from '../../../src/steer/token-id.ts'

const NORMAL = 1
const UNKNOWN = 2
const CONTROL = 3
const USER_DEFINED = 4
const BYTE = 6

/** A vocabulary with bytes, an unknown and an end token, one of the user's own, and these pieces. */
function metadata(pieces: ReadonlyMap<string, number>, keys: Record<string, unknown> = {}) {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  )
  const tokens = ['<unk>', '</s>', '\n\n', ...bytes, ...pieces.keys()]
  const types = [
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    ...bytes.map(() => BYTE),
    ...Array.from(pieces, () => NORMAL),
  ]
  return {
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': types,
    'tokenizer.ggml.scores': [...new Array(259).fill(-1000), ...pieces.values()],
    'tokenizer.ggml.unknown_token_id': 0,
    'tokenizer.ggml.eos_token_id': 1,
    'tokenizer.ggml.add_space_prefix': false,
    ...keys,
  }
}

function encoderOf(keys: Record<string, unknown>) {
  const source = ggufTokenizerSource('tiny.gguf', keys)
  const encode = createPlainEncoder(source)
  const { 'tokenizer.ggml.tokens': tokens } = keys as { 'tokenizer.ggml.tokens': string[] }
  return (text: string) => encode(text, { first: true }).map((id) => tokens[id])
}

/** As SentencePiece defines it: of all neighbours those whose piece has the highest score, the first such. */
function merged(text: string, pieces: ReadonlyMap<string, number>): string[] {
  const symbols = [...text.replaceAll(' ', '▁')]
  for (;;) {
    let best = -1
    for (let at = 0; at + 1 < symbols.length; at++) {
      const score = pieces.get(`${symbols[at]}${symbols[at + 1]}`)
      const highest = best < 0 ? undefined : pieces.get(`${symbols[best]}${symbols[best + 1]}`)
      if (score !== undefined && (highest === undefined || score > highest)) best = at
    }
    if (best < 0) break
    symbols.splice(best, 2, `${symbols[best]}${symbols[best + 1]}`)
  }
  return symbols.flatMap((symbol) =>
    pieces.has(symbol)
      ? [symbol]
      : Array.from(Buffer.from(symbol), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  )
}

const letters = fc.constantFrom('a', 'b', '▁', '>', 'é', '😀')
const pieceText = fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
const somePieces = fc.uniqueArray(fc.tuple(pieceText, fc.integer({ min: -9, max: 0 })), {
  selector: ([piece]) => piece,
  maxLength: 40,
})
const someText = fc
  .array(fc.constantFrom('a', 'b', ' ', '>', 'é', '😀', 'c'), { maxLength: 60 })
  .map((parts) => parts.join(''))

describe('pieces with scores', () => {
  test('merge as SentencePiece merges them, whatever spaces and unknown characters there are', () => {
    fc.assert(
      fc.property(somePieces, someText, (listed, text) => {
        const pieces = new Map(listed)
        expect(encoderOf(metadata(pieces))(text)).toEqual(merged(text, pieces))
      }),
    )
  })

  test('of equal score merge from the left', () => {
    const pieces = new Map([
      ['ab', -1],
      ['ba', -1],
    ])
    expect(encoderOf(metadata(pieces))('abab')).toEqual(['ab', 'ab'])
    expect(encoderOf(metadata(pieces))('baba')).toEqual(['ba', 'ba'])
  })

  test('leave text alone that is a token of its own', () => {
    const pieces = new Map([
      ['a', -1],
      ['▁', -2],
    ])
    expect(encoderOf(metadata(pieces))('a\n\n a')).toEqual(['a', '\n\n', '▁', 'a'])
  })

  test('spell control tokens and unknown characters in bytes', () => {
    const pieces = new Map([
      ['<', -1],
      ['/', -1],
      ['s', -1],
      ['>', -1],
    ])
    expect(encoderOf(metadata(pieces))('</s>')).toEqual(['<', '/', 's', '>'])
    expect(encoderOf(metadata(pieces))('é')).toEqual(['<0xC3>', '<0xA9>'])
  })
})

describe('a file of pieces', () => {
  test('begins text with a space where it says so', () => {
    const pieces = new Map([
      ['▁a', -1],
      ['a', -2],
      ['▁', -3],
    ])
    const keys = metadata(pieces, { 'tokenizer.ggml.add_space_prefix': true })
    expect(encoderOf(keys)('a a')).toEqual(['▁a', '▁a'])
  })

  test('begins prompts with its first token unless it says otherwise', () => {
    const keys = metadata(new Map([['a', -1]]))
    expect(ggufTokenizerSource('tiny.gguf', keys).prependBos).toBe(true)
    const without = { ...keys, 'tokenizer.ggml.add_bos_token': false }
    expect(ggufTokenizerSource('tiny.gguf', without).prependBos).toBe(false)
  })

  test('without a score for each is refused', () => {
    const keys = { ...metadata(new Map([['a', -1]])), 'tokenizer.ggml.scores': [1] }
    expect(() => ggufTokenizerSource('tiny.gguf', keys)).toThrow(/score/)
  })
})

describe("Gemma 4's pieces", () => {
  const words = ['\u2581', 'a', 'b', 'c', 'ab', 'bc', 'abc', '\u2581a', '\n'].map(
    (piece) => [piece, 0] as const,
  )
  const keys = metadata(new Map(words), {
    'tokenizer.ggml.model': 'gemma4',
    'tokenizer.ggml.scores': undefined,
    'tokenizer.ggml.merges': ['b c', 'a b', '\u2581 a', 'a bc'],
  })
  const source = ggufTokenizerSource('tiny.gguf', keys)
  const encode = createPlainEncoder(source)
  const piecesOf = (text: string) =>
    encode(text, { first: true }).map((id) => keys['tokenizer.ggml.tokens'][id])

  test('merge in the order of the file, whatever their scores', () => {
    expect(piecesOf('abc')).toEqual(['abc'])
    expect(piecesOf('ab')).toEqual(['ab'])
    expect(piecesOf(' ab')).toEqual(['\u2581', 'ab'])
    expect(piecesOf(' a a')).toEqual(['\u2581a', '\u2581a'])
  })

  test('have bytes for what is no piece, and no space before a text', () => {
    expect(piecesOf('aé\nb')).toEqual(['a', '<0xC3>', '<0xA9>', '\n', 'b'])
    const { bytes } = createVocabulary(source)
    const written = encode(' aé', { first: true }).map((id) => Buffer.from(bytes(tokenId(id))))
    expect(Buffer.concat(written).toString()).toBe(' aé')
  })

  test('stand behind a begin token, as all models of the family have it', () => {
    expect(source.prependBos).toBe(true)
  })
})
