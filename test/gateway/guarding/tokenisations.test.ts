import { describe, expect, test } from 'vitest'
import { tokenisationsOf } from '../../../src/gateway/guarding/tokenisations.ts'
import { runWhole } from '../../../src/sliced-work.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'

const texts = ['N', ' ', ' N', ' No', 'o', 'or', 'oor', 'r', ' Noor']
const vocabulary = {
  size: texts.length,
  fingerprint: 'noor',
  bytes: (token: TokenId) => new TextEncoder().encode(texts[token]),
  endTokens: new Set<TokenId>(),
}
/** Takes the shortest tokens, as no tokenizer would. */
const tokenizer = {
  encode: (text: string) => Array.from(text, (letter) => tokenId(texts.indexOf(letter))),
}

function read(tokens: readonly TokenId[]): string {
  return tokens.map((token) => texts[token]).join('|')
}

describe('the ways to write a text in tokens', () => {
  const { all, encode } = runWhole(tokenisationsOf({ tokenizer, vocabulary } as never))

  test('are the usual one, and one for each other token that begins it, but for spaces alone', () => {
    expect(all('Noor').map(read)).toEqual(['N|o|o|r'])
    expect(all(' Noor').map(read)).toEqual([' |N|o|o|r', ' N|o|o|r', ' No|o|r', ' Noor'])
  })

  test('all read the same', () => {
    for (const tokens of all(' Noor')) expect(tokens.map((token) => texts[token]).join('')).toBe(' Noor')
    expect(read(encode('or'))).toBe('o|r')
  })
})
