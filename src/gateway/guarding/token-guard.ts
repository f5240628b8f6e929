import type { Guard } from '../../guard/guard.ts'
import type { ModelText } from '../../models/model-text.ts'
import { ByteTokens } from '../../steer/alignment/byte-tokens.ts'
import type { DecodeGuard, Unit } from '../../steer/guard/decode-guard.ts'
import type { TokenId } from '../../steer/token-id.ts'

/** The guard in an upstream's tokens. */
export function tokenGuard(
  { guard, masksPrompt }: { readonly guard: Guard; readonly masksPrompt: boolean },
  text: Pick<ModelText, 'tokenizer' | 'vocabulary'>,
): DecodeGuard {
  const encode = encoderOf(text)
  const written = guard.forms
    .flatMap(({ real, alias }) => writings(real, alias))
    .map(({ real, alias, needsBorder }) => ({ tokens: encode(real), alias: encode(alias), needsBorder }))
  return {
    vocabulary: text.vocabulary,
    realForms: guard.realForms,
    masksPrompt,
    aliasFor: (form, as) => guard.aliasFor(form, as),
    encode,
    valuesBy: unitsBy(written.map(({ tokens, needsBorder }) => ({ path: tokens, tokens, needsBorder }))),
    aliasesBy: unitsBy(
      written.map(({ tokens, alias, needsBorder }) => ({ path: alias, tokens, needsBorder })),
    ),
  }
}

/** A form as it stands behind a space and without one, as declared and in capitals. */
function writings(real: string, alias: string) {
  const upper = { real: real.toUpperCase(), alias: alias.toUpperCase() }
  const cases = upper.real === real ? [upper] : [{ real, alias }, upper]
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

function encoderOf({ tokenizer, vocabulary }: Pick<ModelText, 'tokenizer' | 'vocabulary'>) {
  let byBytes: ByteTokens | null = null
  return (text: string): readonly TokenId[] => {
    const bytes = Buffer.from(text)
    const tokens = tokenizer.encode(text)
    const read = Buffer.concat(tokens.map((token: TokenId) => vocabulary.bytes(token)))
    if (read.equals(bytes)) return tokens
    // Some tokenizers begin each text with a space
    byBytes ??= new ByteTokens(vocabulary)
    return byBytes.split(bytes)
  }
}
