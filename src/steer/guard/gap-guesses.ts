import type { LocalRow } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'

/**
 * What the profile's owner would begin with where the upstream left a gap: the steered guesses that begin no
 * gap themselves, as likely as the `with` stream finds them. A gap shows that the upstream knows nothing, so
 * that its side of the steering counts no more.
 */
export function gapGuesses(
  row: LocalRow,
  { strength, isGap }: { readonly strength: number; readonly isGap: (token: TokenId) => boolean },
): ReadonlyMap<TokenId, number> {
  const guesses = row.privateGuesses.filter(({ token }) => !isGap(token))
  const deltas = new Float64Array(guesses.length)
  row.deltasInto(
    Int32Array.from(guesses, ({ token }) => token),
    deltas,
  )
  const most = Math.max(...deltas)
  const weights = guesses.map(
    ({ probability }, at) => probability * Math.exp((1 - strength) * ((deltas[at] ?? 0) - most)),
  )
  const whole = weights.reduce((a, b) => a + b, 0)
  return new Map(guesses.map(({ token }, at) => [token, (weights[at] ?? 0) / whole]))
}
