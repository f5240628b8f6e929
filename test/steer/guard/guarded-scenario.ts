import fc from 'fast-check'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import { ByteTokens } from '../../../src/steer/alignment/byte-tokens.ts'
import type { DecodeGuard } from '../../../src/steer/guard/decode-guard.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

/** As many tokens as simulated answers have. */
const texts = ['a', ' b', 'ab', ' ca', 'b', ' ', 'é', 'a b', '']

/** Tokens of several characters, some of which begin a word; the last one ends the answer. */
export const spacedVocabulary: Vocabulary = {
  size: texts.length,
  fingerprint: 'spaced',
  bytes: (token) => new TextEncoder().encode(texts[token]),
  endTokens: new Set([tokenId(texts.length - 1)]),
}

/** Private forms that tokens of the vocabulary begin, complete, hold and cross. */
const forms = ['ab', 'b b', 'caé', 'aaa', 'babab', 'bé', 'cabcab']

const aliasTexts = ['a', 'ééé', 'bbb', 'éa', 'b', 'ca']

export const guards: fc.Arbitrary<DecodeGuard> = fc
  .record({
    real: fc.uniqueArray(fc.constantFrom(...forms), { minLength: 1, maxLength: 3 }),
    aliases: fc.shuffledSubarray(aliasTexts, { minLength: 3, maxLength: 3 }),
    masksPrompt: fc.boolean(),
  })
  .map(({ real, aliases, masksPrompt }) => {
    const realForms = new FormMatcher(real)
    const tokens = new ByteTokens(spacedVocabulary)
    // As the guard's own, none holds a private form
    const free = aliases.filter((alias) => realForms.find(alias).length === 0)
    return {
      vocabulary: spacedVocabulary,
      realForms,
      masksPrompt,
      aliasFor: (form: number) => free[form % Math.max(1, free.length)] ?? 'ééé',
      encode: (text: string) => tokens.split(new TextEncoder().encode(text)),
    }
  })

export function textOf(tokens: readonly TokenId[]): string {
  return tokens.map((token) => texts[token]).join('')
}

/** Whether a text of tokens holds a private form, read in one piece. */
export function holdsForm(guard: DecodeGuard, tokens: readonly TokenId[]): boolean {
  return guard.realForms.find(textOf(tokens)).length > 0
}
