import type { AliasedForm } from '../../guard/aliases/alias-of.ts'
import type { Guard } from '../../guard/guard.ts'
import type { KnownGap } from '../../guard/owner-gaps.ts'
import type { PrivateKind } from '../../guard/private-value.ts'
import type { ModelText } from '../../models/model-text.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import type { DecodeGuard, Unit } from '../../steer/guard/decode-guard.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { tokenisationsOf } from './tokenisations.ts'

/** A form in one way to write it, in tokens. */
interface WrittenForm {
  readonly spellings: readonly (readonly TokenId[])[]
  readonly alias: readonly TokenId[]
  readonly needsBorder: boolean
}

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
  const { encode, all } = tokenisationsOf(text)
  const written: WrittenForm[] = []
  for (const form of guard.forms.slice(0, MOST_PROPOSED).flatMap(writings)) {
    written.push({ ...form, spellings: all(form.real), alias: encode(form.alias) })
    yield
  }
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

function unitsBy(units: readonly Unit[]): ReadonlyMap<TokenId, readonly Unit[]> {
  const by = new Map<TokenId, Unit[]>()
  for (const unit of units) {
    const [first] = unit.path
    if (first === undefined || unit.tokens.length === 0) continue
    const alike = by.get(first)
    if (alike === undefined) by.set(first, [unit])
    else alike.push(unit)
  }
  return by
}
