import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { controlTokensOf } from '../../../src/slm/text/control-tokens.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import {
  type AlignmentMode,
  type TokenSide,
  UNALIGNED,
  VocabularyAlignment,
} from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { recordedSource, recordedTokenizers } from '../../slm/text/recorded-tokenizers.ts'
import { textVocabulary } from './text-vocabulary.ts'

function noTokens(): never {
  throw new GatewayError('model_file_invalid', 'The vocabulary does not cover all bytes.')
}

function align(
  mode: AlignmentMode,
  upstream: TokenSide,
  local: TokenSide & { encode?: (text: string) => readonly TokenId[] },
): VocabularyAlignment {
  return new VocabularyAlignment({ mode, upstream, local: { encode: noTokens, ...local } })
}

const modes = ['map', 'bytes'] as const

describe.each(modes)('alignment: %s', (mode) => {
  test('equal vocabularies give each text and end token itself', () => {
    const texts = fc.uniqueArray(fc.stringMatching(/^[a-cé€]{1,3}$/), { minLength: 1 })
    fc.assert(
      fc.property(texts, (some) => {
        const side = textVocabulary([...some, '<end>', '<control>'])
        const { targets, counterparts, counts } = align(mode, side, side)
        const expected = [...some.keys(), some.length, UNALIGNED]
        expect([...targets]).toEqual(expected)
        expect([...counterparts]).toEqual(expected)
        expect(counts).toEqual({ tokens: some.length + 1, aligned: some.length + 1, shared: some.length + 1 })
      }),
    )
  })

  test('tokens of equal bytes belong together whatever their ids', () => {
    const { targets, counterparts } = align(
      mode,
      textVocabulary(['b', 'a', 'é']),
      textVocabulary(['é', 'b', 'a']),
    )
    expect([...targets]).toEqual([1, 2, 0])
    expect([...counterparts]).toEqual([2, 0, 1])
  })

  test('an end token belongs to the end token that is written the same, else to the first one', () => {
    const upstream = textVocabulary(['<end 2>', '<end 3>', '<other>'])
    const { targets, counts } = align(mode, upstream, textVocabulary(['<other>', '<end 1>', '<end 2>']))
    expect([...targets]).toEqual([2, 1, UNALIGNED])
    expect(counts).toEqual({ tokens: 2, aligned: 2, shared: 2 })
  })

  test('control tokens are fed as those that are written the same, and not at all where there are none', () => {
    const upstream = textVocabulary(['<turn>', '<tool>'])
    const alignment = align(mode, upstream, textVocabulary(['a', '<turn>']))
    expect(alignment.pieces(tokenId(0))).toEqual([1])
    expect(alignment.pieces(tokenId(1))).toEqual([])
  })

  test('a text that spells a control token stays text', () => {
    const upstream = {
      ...textVocabulary(['<turn>']),
      controlTokens: new Map<TokenId, string>(),
    }
    upstream.vocabulary = { ...upstream.vocabulary, bytes: () => new TextEncoder().encode('<turn>') }
    const alignment = align(mode, upstream, textVocabulary(['<turn>', '<', 't', 'u', 'r', 'n', '>']))
    expect(alignment.pieces(tokenId(0))).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('what is fed spells what the upstream emitted', () => {
    const upstreams = fc.uniqueArray(fc.stringMatching(/^[a-cé€]{1,4}$/), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(upstreams, upstreams, (there, here) => {
        const bytesOfAll = ['a', 'b', 'c', 'é', '€']
        const local = textVocabulary([...new Set([...here, ...bytesOfAll])])
        const upstream = textVocabulary(there)
        const alignment = align(mode, upstream, local)
        for (const [id, text] of there.entries()) {
          const fed = alignment.pieces(tokenId(id)).map((token) => local.vocabulary.bytes(token))
          expect(Buffer.concat(fed).toString()).toBe(text)
        }
      }),
    )
  })
})

test('map leaves tokens without a counterpart alone, bytes gives them the first local token that spells them', () => {
  const upstream = textVocabulary(['ab', 'abc', 'cab', 'x'])
  const local = textVocabulary(['a', 'b', 'c', 'ab'])
  const map = align('map', upstream, local)
  expect([...map.targets]).toEqual([3, UNALIGNED, UNALIGNED, UNALIGNED])
  expect(map.counts).toEqual({ tokens: 4, aligned: 1, shared: 1 })
  const bytes = align('bytes', upstream, local)
  expect([...bytes.targets]).toEqual([3, 3, 2, UNALIGNED])
  expect(bytes.counts).toEqual({ tokens: 4, aligned: 3, shared: 1 })
  expect([...bytes.counterparts]).toEqual([UNALIGNED, UNALIGNED, UNALIGNED, 0])
})

test("the local tokenizer's own spelling goes before the longest tokens, if it gives the text back", () => {
  const upstream = textVocabulary(['abc'])
  const local = textVocabulary(['ab', 'bc', 'a', 'c'])
  const own = align('bytes', upstream, { ...local, encode: () => tokenIds([2, 1]) })
  expect(own.pieces(tokenId(0))).toEqual([2, 1])
  const lossy = align('bytes', upstream, { ...local, encode: () => tokenIds([2]) })
  expect(lossy.pieces(tokenId(0))).toEqual([0, 3])
})

describe('recorded tokenizers', () => {
  const side = (name: keyof typeof recordedTokenizers) => {
    const source = recordedSource(name)
    const { encode } = createTokenizer(source)
    return { vocabulary: createVocabulary(source), controlTokens: controlTokensOf(source), encode }
  }

  test.each([
    ['smollm', 'qwen2'],
    ['qwen2', 'smollm'],
    ['sentencepiece', 'qwen2'],
    ['qwen2', 'sentencepiece'],
  ] as const)('texts cut by %s reach %s as the same bytes', (there, here) => {
    const upstream = side(there)
    const local = side(here)
    const alignment = align('bytes', upstream, local)
    const textOf = (tokens: readonly TokenId[], { vocabulary }: TokenSide) =>
      Buffer.concat(tokens.map((token) => vocabulary.bytes(token))).toString()
    for (const [text] of recordedTokenizers[there].texts) {
      const tokens = upstream.encode(text)
      const fed = tokens.flatMap((token) => alignment.pieces(token))
      expect(textOf(fed, local)).toBe(textOf(tokens, upstream))
    }
    expect(alignment.counts.aligned / alignment.counts.tokens).toBeGreaterThan(0.99)
    expect(alignment.counts.shared).toBeLessThan(alignment.counts.tokens)
  })
})
