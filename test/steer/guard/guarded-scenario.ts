import fc from 'fast-check'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import { ByteTokens } from '../../../src/steer/alignment/byte-tokens.ts'
import type { DecodeGuard, Unit } from '../../../src/steer/guard/decode-guard.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

/** As many tokens as simulated answers have. */
const texts = ['a', ' b', 'ab', ' ca', 'b', ' ', 'é', '[a b', '']

/** Tokens of several characters, some of which begin a word; the last one ends the answer. */
export const spacedVocabulary: Vocabulary = {
  size: texts.length,
  fingerprint: 'spaced',
  bytes: (token) => new TextEncoder().encode(texts[token]),
  endTokens: new Set([tokenId(texts.length - 1)]),
}

/** Private forms that tokens of the vocabulary begin, complete, hold and cross. */
const forms = ['ab', 'b b', 'caé', 'aaa', 'babab', 'bé', 'cabcab', 'ab b b', 'b ab']

const aliasTexts = ['a', 'ééé', 'bbb', 'éa', 'b', 'ca']

export const guards: fc.Arbitrary<DecodeGuard> = fc
  .record({
    real: fc.uniqueArray(fc.constantFrom(...forms), { minLength: 1, maxLength: 3 }),
    aliases: fc.shuffledSubarray(aliasTexts, { minLength: 3, maxLength: 3 }),
    masksPrompt: fc.boolean(),
    isBanned: fc.boolean(),
    gaps: fc.subarray(['[a b', '[a bb', '[a bé', '[a b ca']),
  })
  .map(({ real, aliases, masksPrompt, isBanned, gaps }) => {
    const realForms = new FormMatcher(real)
    const tokens = new ByteTokens(spacedVocabulary)
    // As the guard's own, none holds a private form
    const free = aliases.filter((alias) => realForms.find(alias).length === 0)
    const encode = (text: string) => tokens.split(new TextEncoder().encode(text))
    const aliasFor = (form: number) => free[form % Math.max(1, free.length)] ?? 'ééé'
    const units = real.flatMap((form, index) =>
      ['', ' '].map((space) => ({
        real: encode(space + form),
        alias: encode(space + aliasFor(index)),
        needsBorder: space === '',
      })),
    )
    const bannedAliases = isBanned ? new FormMatcher([aliasFor(0)], { isWholeWords: true }) : null
    const common = { vocabulary: spacedVocabulary, realForms, bannedAliases, masksPrompt, aliasFor, encode }
    const gapsBy = unitsBy(
      gaps.map((gap, at) => ({
        path: encode(gap),
        tokens: encode(real[at % real.length] ?? ''),
        needsBorder: true,
      })),
    )
    const aliasesBy = unitsBy(units.map((unit) => ({ ...unit, path: unit.alias, tokens: unit.real })))
    return {
      ...common,
      valuesBy: unitsBy(units.map((unit) => ({ ...unit, path: unit.real, tokens: unit.real }))),
      aliasesBy,
      gapsBy,
    }
  })

function unitsBy(units: readonly Unit[]): Map<TokenId, readonly Unit[]> {
  const by = new Map<TokenId, readonly Unit[]>()
  for (const unit of units) {
    const first = unit.path[0] as TokenId
    by.set(first, [...(by.get(first) ?? []), unit])
  }
  return by
}

export function textOf(tokens: readonly TokenId[]): string {
  return tokens.map((token) => texts[token]).join('')
}

/** Whether a text of tokens holds a private form, read in one piece. */
export function holdsForm(guard: DecodeGuard, tokens: readonly TokenId[]): boolean {
  return guard.realForms.find(textOf(tokens)).length > 0
}
