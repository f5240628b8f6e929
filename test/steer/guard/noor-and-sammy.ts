import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import type { DecodeGuard } from '../../../src/steer/guard/decode-guard.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

/** A vocabulary in which the value "Noor" and its alias "Sammy" have two tokens each; the last one ends. */
const known = ['Hi', ' No', 'or', ' Sam', 'my', ' is', ' [', 'Name]', ' on', ''] as const

export const texts: readonly string[] = known

type TokensOf<Texts> = { readonly [At in keyof Texts]: TokenId }
export const tokens = tokenIds(known.keys()) as unknown as TokensOf<typeof known>
const [, No, or, Sam, my, , , , , end] = tokens

export const vocabulary: Vocabulary = {
  size: texts.length,
  fingerprint: 'names',
  bytes: (token) => new TextEncoder().encode(texts[token]),
  endTokens: new Set([end]),
}

export const guard: DecodeGuard = {
  vocabulary,
  realForms: new FormMatcher(['Noor']),
  masksPrompt: false,
  aliasFor: () => 'Sammy',
  encode: (text) =>
    [...text.matchAll(/Hi| No|or| Sam|my| is| \[|Name\]| on/g)].map(([part]) => tokenId(texts.indexOf(part))),
  valuesBy: new Map([[No, [{ path: [No, or], tokens: [No, or], needsBorder: false }]]]),
  aliasesBy: new Map([[Sam, [{ path: [Sam, my], tokens: [No, or], needsBorder: false }]]]),
  gapsBy: new Map(),
}
