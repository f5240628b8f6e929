import type { AliasedForm } from '../../guard/aliases/alias-of.ts'
import type { Guard } from '../../guard/guard.ts'
import type { KnownGap } from '../../guard/owner-gaps.ts'
import type { PrivateKind } from '../../guard/private-value.ts'
import type { ModelText } from '../../models/model-text.ts'
import type { DecodeGuard, Unit } from '../../steer/guard/decode-guard.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { tokenisationsOf } from './tokenisations.ts'

/** The guard in an upstream's tokens. */
export function tokenGuard(
  {
    guard,
    masksPrompt,
    gaps,
  }: { readonly guard: Guard; readonly masksPrompt: boolean; readonly gaps: readonly KnownGap[] },
  text: Pick<ModelText, 'tokenizer' | 'vocabulary'>,
): DecodeGuard {
  const { encode, all } = tokenisationsOf(text)
  const written = guard.forms
    .flatMap(writings)
    .map((form) => ({ ...form, spellings: all(form.real), alias: encode(form.alias) }))
  const asking = gaps.flatMap(({ gap, value }) =>
    ['', ' '].map((space) => ({
      path: encode(space + gap),
      tokens: encode(space + value),
      needsBorder: space === '',
    })),
  )
  const aliases = written.map(({ spellings: [tokens = []], alias, needsBorder }) => ({
    path: alias,
    tokens,
    needsBorder,
  }))
  return {
    vocabulary: text.vocabulary,
    realForms: guard.realForms,
    masksPrompt,
    aliasFor: (form, as) => guard.aliasFor(form, as),
    encode,
    valuesBy: unitsBy(
      written.flatMap(({ spellings, needsBorder }) =>
        spellings.map((tokens) => ({ path: tokens, tokens, needsBorder })),
      ),
    ),
    aliasesBy: unitsBy(aliases),
    gapsBy: unitsBy(asking),
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

function unitsBy(units: readonly Unit[]): Map<TokenId, readonly Unit[]> {
  const by = new Map<TokenId, readonly Unit[]>()
  for (const unit of units) {
    const [first] = unit.path
    if (first === undefined || unit.tokens.length === 0) continue
    by.set(first, [...(by.get(first) ?? []), unit])
  }
  return by
}
