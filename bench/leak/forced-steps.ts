import type { FormMatcher } from '../../src/guard/matching/form-matcher.ts'
import type { DecodeGuard } from '../../src/steer/guard/decode-guard.ts'
import type { TokenId } from '../../src/steer/token-id.ts'

/** What a text goes on with: an ordinary token, or a private value that the guard emits whole. */
export interface ForcedStep {
  readonly tokens: readonly TokenId[]
  readonly isValue: boolean
}

/**
 * A text as the guard would have to emit it, of at most `mostTokens` tokens. It is cut at its private values,
 * each with the space before it, and every piece is written in tokens by itself. A value in a writing that
 * the guard never emits, such as in small letters, is ordinary text.
 */
export function forcedSteps(text: string, guard: DecodeGuard, mostTokens: number): ForcedStep[] {
  const steps: ForcedStep[] = []
  let at = 0
  for (const { start, end } of apart(text, guard.realForms)) {
    const from = text[start - 1] === ' ' && start > at ? start - 1 : start
    const tokens = guard.encode(text.slice(from, end))
    if (!isUnit(guard, tokens)) continue
    steps.push(...ordinary(guard.encode(text.slice(at, from))), { tokens, isValue: true })
    at = end
  }
  steps.push(...ordinary(guard.encode(text.slice(at))))
  let count = 0
  const past = steps.findIndex(({ tokens }) => {
    count += tokens.length
    return count > mostTokens
  })
  return past < 0 ? steps : steps.slice(0, past)
}

function ordinary(tokens: readonly TokenId[]): ForcedStep[] {
  return tokens.map((token) => ({ tokens: [token], isValue: false }))
}

/** Where forms stand in a text, the longest of those that share letters. */
function apart(text: string, forms: FormMatcher): { start: number; end: number }[] {
  const found = forms.find(text).toSorted((a, b) => a.start - b.start || b.end - a.end)
  let past = 0
  return found.filter(({ start, end }) => {
    if (start < past) return false
    past = end
    return true
  })
}

function isUnit({ valuesBy }: DecodeGuard, tokens: readonly TokenId[]): boolean {
  const units = valuesBy.get(tokens[0] as TokenId) ?? []
  return units.some((unit) => areSame(unit.tokens, tokens))
}

export function areSame(one: readonly TokenId[], other: readonly TokenId[]): boolean {
  return one.length === other.length && one.every((token, at) => token === other[at])
}
