import type { Distribution } from '../distribution.ts'
import type { LocalRow } from '../local-pair.ts'
import { logSumExp } from '../log-sum-exp.ts'
import type { TokenId } from '../token-id.ts'

/**
 * Negative log-likelihood (nats) of a token under the steered distribution over the candidates, one for each
 * strength. Null when the token is no candidate: no strength could have emitted it.
 */
export function tokenLikelihood(
  { ids, logprobs }: Distribution,
  { row, token, strengths }: { row: LocalRow; token: TokenId; strengths: readonly number[] },
): Float64Array | null {
  const at = ids.indexOf(token)
  if (at < 0) return null
  const deltas = new Float64Array(ids.length)
  row.deltasInto(ids, deltas)
  return Float64Array.from(strengths, (strength) => {
    const scores = logprobs.map((base, i) => base + strength * (deltas[i] as number))
    return logSumExp(scores) - (scores[at] as number)
  })
}
