import type { AliasedForm } from '../../guard/aliases/alias-of.ts'
import type { Guard } from '../../guard/guard.ts'
import type { KnownGap } from '../../guard/owner-gaps.ts'
import type { PrivateKind } from '../../guard/private-value.ts'
import type { ModelText } from '../../models/model-text.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import type { DecodeGuard, Unit } from '../../steer/guard/decode-guard.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { tokenisationsOf } from './tokenisations.ts'

/**
 * Forms that answers may propose whole, those of the profile before those of the conversation. More are in no
 * profile: they are masked and restored as texts, and would all be looked at with each token.
 */
export const MOST_PROPOSED = 1000

/** The guard in an upstream's tokens. */
export function* tokenGuard(
  {
    guard,
    masksPrompt,
    gaps,
  }: { readonly guard: Guard; readonly masksPrompt: boolean; readonly gaps: readonly KnownGap[] },
  text: Pick<ModelText, 'tokenizer' | 'vocabulary'>,
): SlicedWork<DecodeGuard> {
  const { encode, all } = yield* tokenisationsOf(text)
  const valuesBy = new Map<TokenId, Unit[]>()
  const aliasesBy = new Map<TokenId, Unit[]>()
  for (const form of guard.forms.slice(0, MOST_PROPOSED)) {
    for (const { real, alias, needsBorder } of writings(form)) {
      const spellings = all(real)
      for (const tokens of spellings) addUnit(valuesBy, { path: tokens, tokens, needsBorder })
      addUnit(aliasesBy, { path: encode(alias), tokens: spellings[0] ?? [], needsBorder })
      yield
    }
  }
  const gapsBy = new Map<TokenId, Unit[]>()
  for (const { gap, value } of gaps) {
    for (const space of ['', ' ']) {
      const [path, tokens] = [encode(space + gap), encode(space + value)]
      addUnit(gapsBy, { path, tokens, needsBorder: space === '' })
    }
    yield
  }
  return {
    vocabulary: text.vocabulary,
    realForms: guard.realForms,
    masksPrompt,
    aliasFor: (form, as) => guard.aliasFor(form, as),
    encode,
    valuesBy,
    aliasesBy,
    gapsBy,
  }
}

/** Those of which headings and signatures are written in capitals. */
const capitalised: readonly PrivateKind[] = ['person', 'place', 'organisation', 'health', 'other']

/** A form as it stands behind a space and without one, as declared, and in capitals where people do so. */
function writings({ kind, real, alias }: AliasedForm) {
  const upper = { real: real.toUpperCase(), alias: alias.toUpperCase() }
  const hasUpper = upper.real !== real && capitalised.includes(kind)
  const cases = [{ real, alias }, ...(hasUpper ? [upper] : [])]
  return cases.flatMap((form) => [
    { ...form, needsBorder: true },
    { real: ` ${form.real}`, alias: ` ${form.alias}`, needsBorder: false },
  ])
}

/** Beside those that begin with the same token, in their order. */
function addUnit(by: Map<TokenId, Unit[]>, unit: Unit): void {
  const [first] = unit.path
  if (first === undefined || unit.tokens.length === 0) return
  const alike = by.get(first)
  if (alike === undefined) by.set(first, [unit])
  else alike.push(unit)
}
